package handlers

import (
	"context"
	"slices"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// Two readings of a question: the asker chooses, and each button gives its answer. It carries what was understood, for a
// question is not kept.
var _ = command(spec{Buttons: []string{readingButton}, Press: (*Desk).pressReading})

const readingButton = "qw"

// intentCodes are the intents as they stand in buttons, where every byte counts. They must stay what they are: buttons are
// pressed for ever.
var intentCodes = []struct{ code, intent string }{
	{"n", "next_meeting"}, {"l", "list_meetings"}, {"w", "meeting_when"}, {"p", "meeting_where"}, {"a", "meeting_agenda"},
	{"b", "meeting_about"}, {"c", "meeting_participants"}, {"o", "meeting_organizers"}, {"r", "meeting_outcome"},
	{"d", "meeting_documents"}, {"j", "meeting_join"}, {"x", "meeting_practical"}, {"gl", "group_list"}, {"ga", "group_about"},
	{"gn", "group_next_meeting"}, {"ca", "council_about"}, {"cs", "council_structure"}, {"ch", "council_history"},
	{"cp", "council_partners"}, {"cf", "council_figures"}, {"h", "person"}, {"s", "subscribe"}, {"u", "unsubscribe"},
	{"m", "my_subscriptions"}, {"t", "reminders"}, {"e", "calendar_export"}, {"z", "language"}, {"q", "contact"},
	{"i", "help"}, {"g", "greeting"}, {"k", "thanks"}, {"f", "unknown_fact"}, {"y", "off_topic"},
}

// Which answers a question that can be read in two ways.
func (d *Desk) Which(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply := declined(bot.Say("WhichReading"))
	other := *r.Ask.Or
	other.Lang = r.Ask.Lang // it is one text
	for _, q := range []bot.Question{r.Ask, other} {
		data, ok := readingData(q)
		if !ok {
			continue
		}
		reply.Row(bot.Press("ButtonReading", data, "What", d.readingLabel(ctx, r, q, r.Ask.Intent != other.Intent)))
	}
	return reply.Row(menuButton()), nil
}

// whichAsked asks which of several meetings a question is about. Each button gives the answer for its meeting.
func (d *Desk) whichAsked(q bot.Question, found []store.Meeting) *bot.Reply {
	reply := declined(bot.Say("WhichMeeting"))
	for _, m := range found[:min(perPage, len(found))] {
		one := q
		one.Meeting, one.Named = m.ID, true
		if data, ok := readingData(one); ok {
			reply.Button("ButtonMeeting", data, "Title", m.Name)
		}
	}
	return reply
}

// readingLabel says in a few words what a reading is about: what is asked where that differs, and of what.
func (d *Desk) readingLabel(ctx context.Context, r *bot.Request, q bot.Question, what bool) []bot.Value {
	var words []bot.Value
	if what {
		words = append(words, phrase("Ask_"+q.Intent))
	}
	if m, err := d.store.Meeting(ctx, q.Meeting, r.Person); q.Meeting != "" && err == nil && q.Named {
		words = append(words, bot.V(m.Name))
	}
	if name, ok := d.bodyName(q.Body); ok {
		words = append(words, name)
	}
	if p, ok := d.council.Person(q.Person); ok {
		words = append(words, bot.V(p.Name))
	}
	if o, ok := d.council.Organization(q.Org); ok {
		words = append(words, bot.V(o.Name))
	}
	if len(words) == 0 {
		words = append(words, phrase("Ask_"+q.Intent))
	}
	return words
}

// readingData puts a question into a button: qw:<code>:<aspect or topic>:<what it is about>:<language>. ok is false for one that is too
// long, or of an intent that no button has.
func readingData(q bot.Question) (data string, ok bool) {
	i := slices.IndexFunc(intentCodes, func(c struct{ code, intent string }) bool { return c.intent == q.Intent })
	if i < 0 {
		return "", false
	}
	aspect, of := q.Aspect, string(q.Meeting)
	switch q.Intent {
	case "meeting_practical":
		aspect = q.Topic
	case "list_meetings":
		aspect, of = q.Topic, joined(q.Fits)
	case "group_about", "group_next_meeting", "subscribe", "unsubscribe", "unknown_fact":
		if q.Body != "" {
			of = q.Body
		}
	case "language":
		of = string(q.Switch)
	case "person":
		of = strings.Join([]string{string(q.Meeting), q.Person, q.Org}, "+")
	}
	// What was typed may hold the sign that parts the data.
	aspect = strings.ReplaceAll(aspect, ":", " ")
	data = bot.Data(readingButton, intentCodes[i].code, aspect, of, q.Lang)
	return data, len(data) <= bot.MaxData
}

// joined lists meetings in a button.
func joined(ids []store.MeetingID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, "+")
}

// readingOf reads what [readingData] wrote. What no button ever said is the question for the next meeting.
func readingOf(code, aspect, of string) bot.Question {
	// Nothing in a button is trusted: what it names is looked up by the handlers as if it had been typed.
	i := slices.IndexFunc(intentCodes, func(c struct{ code, intent string }) bool { return c.code == code })
	if i < 0 {
		return bot.Question{Intent: "next_meeting"}
	}
	q := bot.Question{Intent: intentCodes[i].intent, Aspect: aspect}
	switch q.Intent {
	case "meeting_practical":
		q.Aspect, q.Topic = "", aspect
		q.Meeting = store.MeetingID(of)
	case "list_meetings":
		q.Aspect, q.Topic = "", aspect
		for id := range strings.SplitSeq(of, "+") {
			q.Fits = append(q.Fits, store.MeetingID(id))
		}
	case "group_about", "group_next_meeting", "unknown_fact":
		q.Body = of
	case "subscribe", "unsubscribe":
		// A body and a meeting never have the same id in one catalogue; the handler takes the one there is.
		q.Body, q.Meeting = of, store.MeetingID(of)
	case "language":
		q.Switch = store.Lang(of)
	case "person":
		parts := append(strings.SplitN(of, "+", 3), "", "")
		q.Meeting, q.Person, q.Org = store.MeetingID(parts[0]), parts[1], parts[2]
	default:
		q.Meeting = store.MeetingID(of)
	}
	q.Named = q.Meeting != ""
	return q
}

// pressReading handles qw:<code>:<aspect or topic>:<what it is about>:<language>. The answer speaks the question's language.
func (d *Desk) pressReading(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	r.Ask = readingOf(r.Arg(0), r.Arg(1), r.Arg(2))
	for _, s := range specs {
		if !slices.Contains(s.Intents, r.Ask.Intent) {
			continue
		}
		reply, err := editing(s.Run(d, ctx, r))
		if lang := store.Lang(r.Arg(3)); reply != nil && reply.Lang == "" && slices.Contains(store.Langs, lang) {
			reply.Lang = lang
		}
		return reply, err
	}
	return editing(d.menu(ctx, r))
}
