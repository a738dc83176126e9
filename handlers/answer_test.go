package handlers_test

import (
	"strings"
	"testing"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// The days on which questions are put: a week before the second meeting, and long after everything.
const (
	aWeekAhead = "2024-11-20 10:00"
	after      = "2026-11-22 10:00"
)

// answering is a stage whose catalogue came in long before anything was asked.
func answering(t *testing.T, others ...store.Meeting) *stage {
	t.Helper()
	s := newStage(t)
	s.now = clock(t, "2024-01-01 09:00")
	s.load(others...)
	return s
}

// answers are questions as the reader understands them, and what has to be said to each.
var answers = []struct {
	name  string
	now   string
	q     bot.Question
	lacks bool
	want  string // lines of the answer, in their order
	not   string // a word that must not be there
}{
	{"the next one is announced", aWeekAhead, bot.Question{Intent: "next_meeting", Meeting: "rec-2"}, false,
		"Second Meeting|According to the announcement, it will be held on Wednesday, 27 November 2024. [1]|7 days left.|The hour has not been|Where: Tashkent|The sources differ|• The first meeting decided|Sources:|[Mute this meeting]|[Agenda][About the meeting]", "was"},
	{"nothing is ahead", after, bot.Question{Intent: "next_meeting"}, false, "No upcoming meetings|The latest one I know of: Second Meeting|[The last meeting]", ""},
	{"the day of one that was reported", after, bot.Question{Intent: "meeting_when", Meeting: "wg-1"}, false, "First Meeting of the Working|It was held on Friday, 26 July 2024. [1]|Sources:", "left"},
	{"of one that was announced only", after, bot.Question{Intent: "meeting_when", Meeting: "rec-2"}, false, "According to the announcement, it was to be held on|There is no report", "It was held"},
	{"how long until then comes first", "2024-11-24 23:59", bot.Question{Intent: "meeting_when", Meeting: "rec-2", Aspect: "left"}, false, "3 days left.|According", ""},
	{"tomorrow", "2024-11-26 10:00", bot.Question{Intent: "meeting_when", Meeting: "rec-2", Aspect: "left"}, false, "Starts tomorrow|According", ""},
	{"an hour that nobody published", aWeekAhead, bot.Question{Intent: "meeting_when", Meeting: "rec-2", Aspect: "hour"}, true, "The hour has not been published yet.|According|[Ask the organizers]", ""},
	{"and never will", after, bot.Question{Intent: "meeting_when", Meeting: "rec-1", Aspect: "hour"}, true, "The hour was not published.|It was held on Tuesday", ""},
	{"a disputed place in both versions", aWeekAhead, bot.Question{Intent: "meeting_where", Meeting: "rec-2"}, false, "According to the announcement, it will be held in Tashkent|The sources differ|• The first meeting decided that the second one would be held in Astana|— The announcement", ""},
	{"a place that is none", after, bot.Question{Intent: "meeting_where", Meeting: "wg-1"}, false, "It was held online. [1]", "Tashkent, Uz"},
	{"a place that is not disputed", after, bot.Question{Intent: "meeting_where", Meeting: "rec-1"}, false, "It was held in Tashkent, Uzbekistan.|Format: hybrid", "Astana"},
	{"a building that nobody published", aWeekAhead, bot.Question{Intent: "meeting_where", Meeting: "rec-2", Aspect: "venue"}, true, "The building and the address|According to the announcement, it will be held in Tashkent", ""},
	{"the agenda", aWeekAhead, bot.Question{Intent: "meeting_agenda", Meeting: "rec-2"}, false, "Agenda|1. Best practices|2. Recommendations", "The hour"},
	{"who organizes, and what the sources call them", aWeekAhead, bot.Question{Intent: "meeting_organizers", Meeting: "wg-1"}, false, "Organizers|• Institute for Strategic|The sources differ|• An organizer was the “Institute for Strategic and Interregional", ""},
	{"organizers are no matter of the place", aWeekAhead, bot.Question{Intent: "meeting_organizers", Meeting: "rec-2"}, false, "As announced in advance|Organizers|• Institute", "Astana"},
	{"how many come", aWeekAhead, bot.Question{Intent: "meeting_participants", Meeting: "rec-2", Aspect: "count"}, false, "As announced in advance|• About 40 representatives [1]", "civil society"},
	{"a number that nobody published", after, bot.Question{Intent: "meeting_participants", Meeting: "rec-1", Aspect: "count"}, true, "The number of participants has not been published.|• Representatives of the Central Asian states", ""},
	{"who comes", aWeekAhead, bot.Question{Intent: "meeting_participants", Meeting: "wg-1"}, false, "Participants|• Representatives|• International and regional organizations, including: United Nations Children", ""},
	{"names that nobody published", after, bot.Question{Intent: "meeting_participants", Meeting: "rec-1", Aspect: "names"}, true, "The list of participants by name|• Representatives", ""},
	{"a country that was announced", after, bot.Question{Intent: "meeting_participants", Meeting: "rec-1", Org: "tm"}, false, "Turkmenistan: announced in advance|• announced: Heads of delegations", "Experts"},
	{"an organization that is not named", after, bot.Question{Intent: "meeting_participants", Meeting: "wg-1", Org: "sco"}, true, "Shanghai Cooperation Organisation: not mentioned separately|• Representatives", ""},
	{"results, and what became of one", aWeekAhead, bot.Question{Intent: "meeting_outcome", Meeting: "rec-1"}, false, "• It was decided that the second meeting would be held in Astana|— The announcement of the second meeting names Tashkent", ""},
	{"results that nobody reported", after, bot.Question{Intent: "meeting_outcome", Meeting: "rec-2"}, true, "No report on the results|According to the announcement, it was to be held", "recommendation"},
	{"results before the day", "2024-05-10 10:00", bot.Question{Intent: "meeting_outcome", Meeting: "rec-1"}, true, "It has not been held yet|It will be held on Tuesday, 14 May 2024.", "Astana"},
	{"papers", aWeekAhead, bot.Question{Intent: "meeting_documents", Meeting: "rec-2"}, true, "No documents", ""},
	{"the link", aWeekAhead, bot.Question{Intent: "meeting_join", Meeting: "rec-2"}, true, "No link|Format: in person", "http"},
	{"the link of what is over", after, bot.Question{Intent: "meeting_join", Meeting: "wg-1"}, true, "The date of the meeting has passed|Format: online", "http"},
	{"a visa", aWeekAhead, bot.Question{Intent: "meeting_practical", Meeting: "rec-2", Topic: "visa"}, true, "Visas and invitation letters: nothing|Where: Tashkent", ""},
	{"a hotel when nothing is ahead", after, bot.Question{Intent: "meeting_practical", Topic: "accommodation"}, true, "No upcoming meetings|[Ask the organizers]", ""},
	{"a topic without words of its own", aWeekAhead, bot.Question{Intent: "meeting_practical", Meeting: "rec-2", Topic: "parking"}, true, "Your question: nothing", "parking"},
	{"whom to ask", after, bot.Question{Intent: "contact"}, true, "No contact details", "@"},
	{"all meetings", aWeekAhead, bot.Question{Intent: "list_meetings", Topic: "all"}, false, "1. First Meeting of the Regional|Tuesday, 14 May 2024, Tashkent, over|3. Second Meeting|Wednesday, 27 November 2024, Tashkent|[1][2][3]", ""},
	{"those of a place, in whatever case it was typed", after, bot.Question{Intent: "list_meetings", Topic: "ташкенте", Fits: []store.MeetingID{"rec-1", "rec-2"}}, false, "Meetings: Tashkent|1. First|2. Second", "online"},
	{"those of a month, with its year", aWeekAhead, bot.Question{Intent: "list_meetings", Topic: "iyulda", Fits: []store.MeetingID{"wg-1"}}, false, "Meetings: July 2024|1. First", "iyul"},
	{"those of a day", aWeekAhead, bot.Question{Intent: "list_meetings", Topic: "26 iyulda", Fits: []store.MeetingID{"wg-1"}}, false, "Meetings: Friday, 26 July 2024|1. First", "iyul"},
	{"those of a day without any, which sounds like a place", after, bot.Question{Intent: "list_meetings", Topic: "эртага"}, false, "I know of no such meetings.", "Prague"},
	{"those of a date without any, which sounds like a place", after, bot.Question{Intent: "list_meetings", Topic: "5 март"}, false, "I know of no such meetings.", "Mary"},
	{"those of a year", aWeekAhead, bot.Question{Intent: "list_meetings", Topic: "2024", Fits: []store.MeetingID{"rec-1", "wg-1"}}, false, "Meetings: 2024|1. First", ""},
	{"those of something else", after, bot.Question{Intent: "list_meetings", Topic: "<онлайн>", Fits: []store.MeetingID{"wg-1"}}, false, "Meetings that fit your question|1. First", "<"},
	{"those of a month without any", after, bot.Question{Intent: "list_meetings", Topic: "December 2026"}, false, "I know of no such meetings: December 2026.", ""},
	{"those of a month of no known year", after, bot.Question{Intent: "list_meetings", Topic: "декабре"}, false, "I know of no such meetings.", "декабре"},
	{"those of a place without any", after, bot.Question{Intent: "list_meetings", Topic: "астане"}, false, "I know of no such meetings: Astana.", ""},
	{"those that are over", aWeekAhead, bot.Question{Intent: "list_meetings", Topic: "past"}, false, "Past meetings|Friday, 26 July 2024, online|Tuesday, 14 May 2024", ""},
	{"those ahead", aWeekAhead, bot.Question{Intent: "list_meetings", Topic: "upcoming"}, false, "Upcoming meetings|27 Nov 2024", ""},
	{"what a group does, with its letter", aWeekAhead, bot.Question{Intent: "group_about", Body: "wg-c"}, false, "Working Group (c) on countering", "psychosocial"},
	{"when a group meets", "2024-05-10 10:00", bot.Question{Intent: "group_next_meeting", Body: "wg-b"}, false, "Working Group (b)|Next meeting: First Meeting of the Working|It will be held on Friday, 26 July 2024.|77 days left.|Where: online", ""},
	{"when a group meets, with none ahead", aWeekAhead, bot.Question{Intent: "group_next_meeting", Body: "wg-a"}, false, "Working Group (a)|No upcoming meeting|The latest one I know of: First Meeting of the Working|Follow it|[Follow]", ""},
	{"the Council in numbers", after, bot.Question{Intent: "council_figures"}, false, "Figures|more than 2,100", ""},
	{"who proposed it", after, bot.Question{Intent: "council_history"}, false, "History|March 2022|Shavkat Mirziyoyev", ""},
	{"who somebody is, and what they did", after, bot.Question{Intent: "person", Person: "karttunen"}, false, "Antti Karttunen|Ambassador, OSCE|As of 14 May 2024|Spoke at: First Meeting|In his concluding remarks", "Organization:"},
	{"who was only announced", after, bot.Question{Intent: "person", Person: "imnadze"}, false, "Kaha Imnadze|Organization: United Nations Regional Centre|Announced to speak at", "Spoke"},
	{"who holds an office", after, bot.Question{Intent: "person", Aspect: "role", Org: "cica"}, false, "Kairat Sarybay|Ambassador, Secretary General", ""},
	{"an office of which nobody is known", after, bot.Question{Intent: "person", Aspect: "role", Org: "eu"}, true, "European Union: I do not know", ""},
	{"who opened a meeting", after, bot.Question{Intent: "person", Aspect: "opened", Meeting: "rec-1"}, false, "At the opening|• Vladimir Voronkov|• announced: Kaha Imnadze", "Karttunen"},
	{"who will open it", "2024-05-10 10:00", bot.Question{Intent: "person", Aspect: "opened", Meeting: "rec-1"}, false, "• Vladimir Voronkov|• announced: Kaha Imnadze", "Inaugurated"},
	{"who closed it", after, bot.Question{Intent: "person", Aspect: "closed", Meeting: "rec-1"}, false, "• Antti Karttunen", "Voronkov"},
	{"who spoke from elsewhere", after, bot.Question{Intent: "person", Aspect: "online", Meeting: "rec-1"}, false, "Online|• Kairat Sarybay", "Voronkov"},
	{"speakers that nobody named", aWeekAhead, bot.Question{Intent: "person", Aspect: "spoke", Meeting: "rec-2"}, true, "No names have been published.", ""},
	{"somebody who is not known", after, bot.Question{Intent: "person"}, true, "I have no information", ""},
	{"who chairs", aWeekAhead, bot.Question{Intent: "unknown_fact", Aspect: "chair", Body: "wg-c"}, true, "Working Group (c)|I do not know who chairs", "Voronkov"},
	{"one country's number", aWeekAhead, bot.Question{Intent: "unknown_fact", Aspect: "country"}, true, "I have no figures of single countries|What is known:|Since 2019, more than 2,100", ""},
	{"a speech", after, bot.Question{Intent: "unknown_fact", Aspect: "speech", Person: "voronkov"}, true, "I do not have the text|Spoke at: First|Inaugurated", ""},
	{"something else", after, bot.Question{Intent: "unknown_fact", Aspect: "horoscope"}, true, "I do not have this", "horoscope"},
	{"nothing of the Council", after, bot.Question{Intent: "off_topic", Aspect: "weather"}, true, "That is outside my field|[Meetings][Agenda]", "Ask the"},
	{"a calendar", aWeekAhead, bot.Question{Intent: "calendar_export", Meeting: "rec-2", Named: true}, false, "I do not make calendar files (.ics) yet.|According|[Reminders][Menu]", ""},
	{"thanks", after, bot.Question{Intent: "thanks"}, false, "You are welcome!", ""},
	{"a meeting that is not there", after, bot.Question{Intent: "meeting_when", Meeting: "nowhere"}, true, "I found no such meeting for you.", ""},
}

// TestAnswers holds the answers to what was asked for, and sees that each can be said in every language.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s := answering(t)
	p := s.person(1, store.English, nil)
	for _, tc := range answers {
		t.Run(tc.name, func(t *testing.T) {
			s.now = clock(t, tc.now)
			reply := s.ask(p, tc.q)
			got := s.read(p, reply)
			if at := follow(got, strings.Split(tc.want, "|")); at != "" || reply.Lacks != tc.lacks {
				t.Errorf("lacks %v, want %v; %q is missing, or not in its place:\n%s", reply.Lacks, tc.lacks, at, got)
			}
			if tc.not != "" && strings.Contains(got, tc.not) {
				t.Errorf("%q must not be said:\n%s", tc.not, got)
			}
			for _, lang := range store.Langs {
				reader := p
				reader.Language = lang
				if s.read(reader, reply) == "" {
					t.Errorf("%s: nothing is said", lang)
				}
			}
		})
	}
}

// follow gives the first of some lines that does not begin a line of text behind the one before; "" if all do.
func follow(text string, want []string) string {
	for _, w := range want {
		at := strings.Index("\n"+text, "\n"+w)
		if at < 0 && !strings.HasPrefix(w, "[") {
			at = strings.Index(text, w)
		}
		if at < 0 {
			return w
		}
		text = text[at:]
	}
	return ""
}

// TestAnswersOfWhatIsKnown holds that what the seeds lack is answered where a meeting has it.
func TestAnswersOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := answering(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) {
		p.MemberOf, p.Zone = []string{"executive-committee", "wg-b"}, "Asia/Bishkek"
	})
	s.now = clock(t, "2026-12-07 10:00")
	for _, tc := range []struct {
		name string
		q    bot.Question
		want string
	}{
		{"the hour, on both clocks", bot.Question{Intent: "meeting_when", Aspect: "hour", Meeting: "ex-online"}, "Hours: 15:00"},
		{"the link", bot.Question{Intent: "meeting_join", Meeting: "ex-online"}, "The link: "},
		{"what was cancelled", bot.Question{Intent: "meeting_where", Meeting: "ex-cancelled"}, "The meeting has been cancelled. It was to be held on|Where: "},
		{"when what was cancelled was to be", bot.Question{Intent: "meeting_when", Meeting: "ex-cancelled"}, "The meeting has been cancelled."},
		{"what is not sure yet", bot.Question{Intent: "meeting_when", Meeting: "ex-tentative"}, "It is planned on Wednesday, 10 February 2027; the date is to be confirmed.|65 days left."},
		{"several days", bot.Question{Intent: "meeting_when", Meeting: "ex-two-days"}, "It will be held on 20–21 January 2027.|44 days left.|Hours: Wednesday, 20 January, 10:00"},
		{"the building", bot.Question{Intent: "meeting_where", Aspect: "venue", Meeting: "ex-workshop"}, "It will be held in Example conference centre, Tashkent"},
		{"papers", bot.Question{Intent: "meeting_documents", Meeting: "ex-workshop"}, "Documents"},
		{"an answered question", bot.Question{Intent: "meeting_practical", Topic: "dress_code", Meeting: "ex-workshop"}, "What is the dress code?|Business attire"},
	} {
		reply := s.ask(p, tc.q)
		if got := s.read(p, reply); reply.Lacks || follow(got, append([]string{"An invented example"}, strings.Split(tc.want, "|")...)) != "" {
			t.Errorf("%s: lacks %v, and %q is not there:\n%s", tc.name, reply.Lacks, tc.want, got)
		}
	}
	outsider := s.person(2, store.English, nil)
	for _, intent := range []string{"meeting_when", "meeting_join", "meeting_about"} {
		hidden := s.read(outsider, s.ask(outsider, bot.Question{Intent: intent, Meeting: "ex-online", Named: true}))
		nothing := s.read(outsider, s.ask(outsider, bot.Question{Intent: intent, Meeting: "nothing", Named: true}))
		if hidden != nothing {
			t.Errorf("%s: what is hidden differs from what is not there:\n%s\n%s", intent, hidden, nothing)
		}
	}
}
