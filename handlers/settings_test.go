package handlers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// topics reads what the person follows, as one line.
func (k *talk) topics() string {
	k.t.Helper()
	return strings.Trim(fmt.Sprint(k.record().Topics), "[]")
}

func TestFollowScreen(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(1, store.English)
	for _, tc := range []struct {
		name, press, topics, hears string
	}{
		{"a tick", "fo:wg-b:1:s", "rec wg-b", "[☑ (b) Psychosocial"},
		{"the same tick again", "fo:wg-b:1:s", "rec wg-b", "(You follow this now.)"},
		{"all covers every body", "fo:all:1:s", "all rec wg-b", "it covers groups that are added later"},
		{"a body less, under all", "fo:wg-b:0:s", "executive-committee rec wg-a wg-c wg-d", "[☐ (b)"},
		{"a single meeting", "fo:m.ex-workshop:1:s", "executive-committee m.ex-workshop rec wg-a wg-c wg-d", "[☑ 9 Dec 2026"},
		{"and away with it", "fo:m.ex-workshop:0:s", "executive-committee rec wg-a wg-c wg-d", "(You no longer follow this.)"},
		{"a body that there is not", "fo:wg-z:1:s", "executive-committee rec wg-a wg-c wg-d", "(This list was out of date."},
		{"a meeting that is not there for them", "fo:m.ex-online:1:s", "executive-committee rec wg-a wg-c wg-d", "(This list was out of date."},
		{"the screen alone, from the menu", "fo", "executive-committee rec wg-a wg-c wg-d", "What you follow"},
	} {
		got := k.pressesData(tc.press)
		hears(t, got, tc.hears)
		if topics := k.topics(); topics != tc.topics {
			t.Errorf("%s: topics %q, want %q", tc.name, topics, tc.topics)
		}
		if !k.last.Edit {
			t.Errorf("%s: the screen is not redrawn", tc.name)
		}
	}
	hears(t, k.says("/follows"), "What you follow")
	for _, topic := range []string{"executive-committee", "rec", "wg-a", "wg-c", "wg-d"} {
		k.pressesData("fo:" + topic + ":0:s")
	}
	hears(t, k.says("/follow"), "You follow nothing, so I will not write to you.")
	hears(t, k.says("/start"), "You follow nothing yet.", "The next meeting") // what comes is shown to anybody
}

func TestFollowFromACard(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(1, store.English)
	hears(t, k.pressesData("fo:m.ex-workshop:1"), "Who meets: Working Groups (a)", "[Unfollow this meeting]", "(You follow this now.)")
	hears(t, k.pressesData("fo:wg-b:1"), "Working Group (b) on psychosocial support", "(You follow this now.)")
	misses(t, k.pressesData("fo:m.ex-online:1"), "ex-online", "online meeting")
}

func TestFollowingAfterTheLastReminder(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(1, store.English)
	k.now = time.Date(2026, 12, 9, 3, 20, 0, 0, time.UTC) // the workshop begins at 04:00
	hears(t, k.pressesData("fo:m.ex-workshop:1"), "No reminder will come: it starts in 40 minutes.")
	hears(t, k.pressesData("fo:wg-a:1:s"), "starts in 40 minutes")
	k.pressesData("re:15:1")
	misses(t, k.pressesData("fo:wg-b:1:s"), "40 minutes") // a reminder is still to come
}

func TestTooManySingleMeetings(t *testing.T) {
	t.Parallel()
	var many []store.Meeting
	example := council.ExampleMeetings()[0]
	for i := range store.MaxMeetingTopics + 1 {
		m := example
		m.ID = store.MeetingID(fmt.Sprintf("many-%d", i))
		m.UID = string(m.ID)
		many = append(many, m)
	}
	k := newStage(t, many...).known(1, store.English)
	for _, m := range many[:store.MaxMeetingTopics] {
		k.pressesData("fo:m." + string(m.ID) + ":1:s")
	}
	before := k.topics()
	hears(t, k.pressesData("fo:m."+string(many[store.MaxMeetingTopics].ID)+":1:s"), "up to 15 single meetings")
	if after := k.topics(); after != before {
		t.Errorf("topics %q, want %q", after, before)
	}
	k.says("/follow") // fits into a message, with a box for each
}

func TestReminders(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(1, store.English)
	k.set(func(p *store.Person) { p.Topics = []store.Topic{"wg-a"} })
	hears(t, k.says("/reminders"), "1 day, 1 hour", "Quiet hours: 22:00–07:00", "The next reminder: 8 December 2026, 10:00",
		"[☐ 1 week][☑ 1 day]\n[☑ 1 hour][☐ 15 minutes]")
	hears(t, k.presses("1 week"), "1 week, 1 day, 1 hour", "The next reminder: 2 December 2026, 10:00")
	hears(t, k.pressesData("re:10080:1"), "1 week, 1 day, 1 hour") // a double tap
	k.presses("15 minutes")
	hears(t, k.pressesData("re:120:1"), "(Up to 4 reminders are possible.")
	hears(t, k.pressesData("re:90:1"), "1 week, 1 day, 1 hour, 15 minutes") // 90 minutes are none that one may have
	for _, l := range []int{10080, 1440, 60} {
		k.pressesData(fmt.Sprintf("re:%d:0", l))
	}
	hears(t, k.pressesData("re:15:0"), "Reminders are off.")
	misses(t, k.says("/reminders"), "The next reminder")

	k.set(func(p *store.Person) {
		p.Leads, p.Topics = []store.Lead{20 * store.LeadHour}, []store.Topic{store.TopicOf("ex-new-york")}
	})
	k.now = time.Date(2027, 3, 1, 4, 0, 0, 0, time.UTC)
	quiet := k.says("/reminders")
	k.pressesData("qu:off")
	if loud := k.says("/reminders"); next(loud) == next(quiet) || !strings.Contains(quiet, "07:00") {
		t.Errorf("the next reminder does not wait for the end of the quiet hours: %q, without them %q", next(quiet), next(loud))
	}
}

// next is the line of the next reminder.
func next(screen string) string {
	for line := range strings.Lines(screen) {
		if strings.HasPrefix(line, "The next reminder") {
			return line
		}
	}
	return ""
}

func TestOwnLead(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.Russian)
	k.says("/reminders")
	hears(t, k.presses("Другой срок"), "За сколько до начала", "[Отменить]")
	hears(t, k.says("не знаю"), "число и единицу")
	hears(t, k.says("1,5 часа"), "5–45 минут, 1–23 часа или 1–30 дней")
	hears(t, k.says("3 kun"), "Сохранено: за 3 дня до начала.", "[☑ 3 дня]")
	if diff := cmp.Diff([]store.Lead{3 * store.LeadDay, store.LeadDay, store.LeadHour}, k.record().Leads); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
	hears(t, k.presses("3 дня"), "[☐ 1 неделя]")
	misses(t, k.says("/reminders"), "3 дня") // an own lead that is unticked is gone

	k.presses("Другой срок")
	hears(t, k.presses("Отменить"), "Напоминания", "[Другой срок]")
	k.set(func(p *store.Person) { p.Leads = []store.Lead{10080, 1440, 60, 15} })
	k.presses("Другой срок")
	hears(t, k.says("45 мин"), "не больше 4 сроков", "[Другой срок]")
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.English)
	for _, tc := range []struct {
		press string
		want  store.Quiet
		hears string
	}{
		{"qu", store.DefaultQuiet, "[☑ from 22:00]"},
		{"qu:from:23", store.Quiet{From: 23 * 60, To: 7 * 60}, "Quiet hours: 23:00–07:00"},
		{"qu:to:6", store.Quiet{From: 23 * 60, To: 6 * 60}, "[☑ to 06:00]"},
		{"qu:off", store.Quiet{Off: true, From: 23 * 60, To: 6 * 60}, "Quiet hours: off."},
		{"qu:off", store.Quiet{Off: true, From: 23 * 60, To: 6 * 60}, "[Turn on]"},
		{"qu:on", store.Quiet{From: 23 * 60, To: 6 * 60}, "[Turn off]"},
		{"qu:off", store.Quiet{Off: true, From: 23 * 60, To: 6 * 60}, "[from 22:00]"},
		{"qu:from:21", store.Quiet{From: 21 * 60, To: 6 * 60}, "[☑ from 21:00]"},
		{"qu:from:99", store.Quiet{From: 21 * 60, To: 6 * 60}, "[☑ from 21:00]"},
		{"qu:nonsense:1", store.Quiet{From: 21 * 60, To: 6 * 60}, "[☑ from 21:00]"},
	} {
		hears(t, k.pressesData(tc.press), tc.hears)
		if got := k.record().Quiet; got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.press, got, tc.want)
		}
	}
}

func TestMuteAndStop(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.English)
	state := func() string {
		p := k.record()
		return fmt.Sprintf("muted %t, stopped %t, topics %v", p.Muted, p.Stopped, p.Topics)
	}
	for _, tc := range []struct{ do, want, hears string }{
		{"/mute", "muted true, stopped false, topics [rec]", "without sound"},
		{"/mute", "muted true, stopped false, topics [rec]", "[Turn reminders on]"},
		{"/follow", "muted true, stopped false, topics [rec]", "Reminders, digests and announcements are muted (/mute)"},
		{"/reminders", "muted true, stopped false, topics [rec]", "[Turn reminders on]"},
		{"/stop", "muted true, stopped true, topics [rec]", "What you follow is kept"},
		{"/start", "muted true, stopped true, topics [rec]", "All messages are stopped (/stop).\nReminders, digests and announcements are muted as well (/mute)."},
		{"/follow", "muted true, stopped true, topics [rec]", "[Resume]"},
		{"/unmute", "muted false, stopped true, topics [rec]", "[Resume]"},
		{"so:0", "muted false, stopped false, topics [rec]", "You follow: Regional Expert Council."},
		{"so:0", "muted false, stopped false, topics [rec]", "Messages are on again."},
		{"si:1", "muted true, stopped false, topics [rec]", "Reminders, digests and announcements are muted."},
		{"si:0", "muted false, stopped false, topics [rec]", "Reminders and announcements are on again."},
		{"so:1", "muted false, stopped true, topics [rec]", "Stopped."},
	} {
		got := ""
		if strings.HasPrefix(tc.do, "/") {
			got = k.says(tc.do)
		} else {
			got = k.pressesData(tc.do)
		}
		hears(t, got, tc.hears)
		if state() != tc.want {
			t.Errorf("%s: %s, want %s", tc.do, state(), tc.want)
		}
	}
}

func TestMyData(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(77, store.English)
	k.set(func(p *store.Person) {
		p.Role, p.MemberOf, p.MutedOnes = store.Delegate, []string{"wg-b"}, []store.MeetingID{"ex-workshop"}
		p.Topics = []store.Topic{"m.ex-workshop", "rec"}
		p.LastLook = k.now
	})
	k.says("/timezone")
	hears(t, k.says("/mydata"), "Telegram ID: 77", "Language: English", "Bishkek, UTC+6", "Role: delegate", "Member of: Working Group (b)",
		"Example: joint meeting of the working groups", "1 day, 1 hour", "22:00–07:00", "Muted: 1 meeting", "waiting for your answer", "no name, no phone number")
	hears(t, k.presses("Save as a file"), "Everything that I keep about you.")
	var got struct {
		Person store.Person `json:"person"`
		Flow   store.Flow   `json:"open_conversation"`
	}
	if err := json.Unmarshal(k.last.File.Data, &got); err != nil {
		t.Fatal(err)
	}
	want := k.record()
	want.Rev = 0
	if diff := cmp.Diff(want, got.Person); diff != "" || got.Flow.Name != "zone" {
		t.Errorf("open %q, record (-want +got):\n%s", got.Flow.Name, diff)
	}
	k.set(func(p *store.Person) { p.Topics, p.Quiet.Off = nil, true })
	hears(t, k.pressesData("my"), "You follow nothing yet.", "Quiet hours: off.")
}

// letterOf opens a job for those who follow (b) and notes what became of the one letter of it; "" leaves it under way.
func (k *talk) letterOf(id store.JobID, fate store.State) {
	k.t.Helper()
	kind, _ := id.About()
	job := store.Job{ID: id, Kind: kind, Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, Opened: k.now, Due: k.now}
	if err := k.stage.store.OpenJob(k.t.Context(), job); err != nil {
		k.t.Fatal(err)
	}
	w, err := k.stage.store.TakeWindow(k.t.Context(), job, store.ShardOf(store.ChatID(k.id)), 1, 10)
	if err != nil || len(w.Recipients) != 1 {
		k.t.Fatalf("job %q: %d recipients, %v", id, len(w.Recipients), err)
	}
	if fate == "" {
		return
	}
	if _, err := k.stage.store.SettleLetter(k.t.Context(), job.Kind, w.Recipients[0], store.Outcome{State: fate}); err != nil {
		k.t.Fatal(err)
	}
}

// What is under way or was left out would name meetings that the person may not see: it is counted, and not named.
func TestMyLetters(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(77, store.English)
	misses(t, k.says("/mydata"), "Notes on messages")
	k.set(func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
	k.letterOf(store.NewID("ex-workshop"), store.Sent)
	k.letterOf(store.ChangeID("ex-online", 1, 2), store.Sent) // restricted since
	k.letterOf(store.AnnounceID("draft", 1), store.Unknown)
	k.letterOf(store.ChangeID("ex-online", 2, 3), store.Skipped)
	k.letterOf(store.ChangeID("ex-online", 3, 4), store.Gone)
	k.letterOf(store.ReminderID("ex-online", k.now, store.LeadHour), "")

	hears(t, k.says("/mydata"), "Notes on messages of the last 48 hours and on their way: 6", "for 48 hours after that")
	k.presses("Save as a file")
	file := string(k.last.File.Data)
	misses(t, file, "ex-online", "skipped", "remind")
	var got struct {
		Sent []struct{ Kind, State, Meeting, At string } `json:"messages_sent"`
	}
	if err := json.Unmarshal([]byte(file), &got); err != nil {
		t.Fatal(err)
	}
	at := k.now.Format(time.RFC3339)
	want := []struct{ Kind, State, Meeting, At string }{{"new", "sent", "ex-workshop", at}, {"change", "sent", "", at}, {"announce", "unknown", "", at}}
	if diff := cmp.Diff(want, got.Sent); diff != "" {
		t.Errorf("messages in the file (-want +got):\n%s", diff)
	}
	k.now = k.now.Add(49 * time.Hour)
	hears(t, k.says("/mydata"), "on their way: 1") // what is under way stays
}

func TestForget(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.English)
	hears(t, k.says("/forget"), "Delete everything?")
	no, yes := k.find("No, keep it"), k.find("Yes, delete everything")
	hears(t, k.pressesData(no), "Nothing was deleted.")
	k.now = k.now.Add(2 * time.Hour)
	hears(t, k.pressesData(yes), "Delete everything?") // an old confirmation only asks
	hears(t, k.pressesData("fg:yes:"), "Delete everything?")
	hears(t, k.pressesData("fg"), "Delete everything?")
	k.says("/timezone")
	hears(t, k.pressesData("fg:yes:"+strings.Split(k.forgetButton(), ":")[2]), "Everything about you is deleted.")
	if _, err := k.stage.store.Person(t.Context(), 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the record is still there: %v", err)
	}
	if _, err := k.stage.store.Flow(t.Context(), 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the open conversation is still there: %v", err)
	}
}

// forgetButton gives the data of a confirmation that was just asked for.
func (k *talk) forgetButton() string {
	k.t.Helper()
	k.says("/forget")
	return k.find("Yes, delete everything")
}

func TestTheSameUpdateTwiceChangesOnce(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.English)
	for _, press := range []string{"fo:wg-b:1:s", "re:15:1", "qu:from:23", "si:1", "so:1", "la:ru", "fl:zone:zone:Asia/Tashkent"} {
		first := k.pressesData(press)
		before := k.record()
		k.same = true
		second := k.pressesData(press)
		if diff := cmp.Diff(before, k.record()); diff != "" {
			t.Errorf("%s: the record changed again (-first +second):\n%s", press, diff)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s: another answer (-first +second):\n%s", press, diff)
		}
	}
}

func TestWithoutAStore(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.English)
	r := k.update()
	r.Kind, r.Button = bot.UpdateButton, "x"
	if err := k.stage.store.Backend().Close(); err != nil {
		t.Fatal(err)
	}
	for name, rest := range map[string][]string{
		"fo": {"wg-b", "1", "s"}, "re": {"60", "1"}, "qu": {"off"}, "si": {"1"}, "so": {"1"}, "la": {"ru"}, "tz": nil, "my": {"file"}, "fg": {"yes", "zzzzzz"},
	} {
		for _, c := range k.desk.Commands() {
			for _, prefix := range c.Buttons {
				if prefix != name {
					continue
				}
				again := *r
				again.Rest = rest
				if _, err := c.Press(t.Context(), &again); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("%s: error %v, want unavailable", name, err)
				}
			}
		}
	}
}
