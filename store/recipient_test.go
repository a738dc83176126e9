package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSettle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	soon := now.Add(time.Hour)
	inFlight := Recipient{State: Sending, Try: 2}
	for _, tc := range []struct {
		name string
		kind JobKind
		from Recipient
		try  int
		o    Outcome
		want Recipient
		said bool
	}{
		{"a letter that arrived is sent", JobReminder, inFlight, 2, Outcome{State: Sent, Message: 7},
			Recipient{State: Sent, Try: 2, At: now, Message: 7}, true},
		{"a dead chat is final", JobReminder, inFlight, 2, Outcome{State: Gone, Reason: "blocked"},
			Recipient{State: Gone, Try: 2, At: now, Reason: "blocked"}, true},
		{"later waits for its time", JobReminder, inFlight, 2, Outcome{State: Later, At: soon, Reason: "quiet hours"},
			Recipient{State: Later, Try: 2, At: soon, Reason: "quiet hours"}, true},
		{"a failure of Telegram is counted", "announce", inFlight, 2, Outcome{State: Later, At: soon, Failed: true},
			Recipient{State: Later, Try: 2, At: soon, Fails: 1}, true},
		{"the fifth failure is the last", "announce", Recipient{State: Sending, Try: 9, Fails: 4}, 9, Outcome{State: Later, At: soon, Failed: true},
			Recipient{State: Rejected, Try: 9, At: now, Fails: 5}, true},
		{"waits that were no failures never reject", "announce", Recipient{State: Sending, Try: 9, Fails: 4}, 9, Outcome{State: Later, At: soon},
			Recipient{State: Later, Try: 9, At: soon, Fails: 4}, true},
		{"a reminder of unknown fate is sent once more", JobReminder, inFlight, 2, Outcome{State: Unknown},
			Recipient{State: Later, Try: 2, At: now, Unknowns: 1}, true},
		{"a second unknown is final", JobReply, Recipient{State: Sending, Try: 3, Unknowns: 1}, 3, Outcome{State: Unknown},
			Recipient{State: Unknown, Try: 3, At: now, Unknowns: 2}, true},
		{"an announcement of unknown fate is never sent again", "announce", inFlight, 2, Outcome{State: Unknown},
			Recipient{State: Unknown, Try: 2, At: now, Unknowns: 1}, true},
		{"a correction of unknown fate is made again, for done twice it is done once", "announce", Recipient{Changes: true, State: Sending, Try: 2}, 2, Outcome{State: Unknown},
			Recipient{Changes: true, State: Later, Try: 2, At: now, Unknowns: 1}, true},
		{"and again, later each time", "announce", Recipient{Changes: true, State: Sending, Try: 4, Unknowns: 2}, 4, Outcome{State: Unknown},
			Recipient{Changes: true, State: Later, Try: 4, At: now.Add(2 * LetterTimeout), Unknowns: 3}, true},
		{"but not for ever", "announce", Recipient{Changes: true, State: Sending, Try: 6, Unknowns: 4}, 6, Outcome{State: Unknown},
			Recipient{Changes: true, State: Unknown, Try: 6, At: now, Unknowns: 5}, true},
		{"a late sent wins over unknown", "announce", Recipient{State: Unknown, Try: 2, Unknowns: 1}, 2, Outcome{State: Sent, Message: 7},
			Recipient{State: Sent, Try: 2, At: now, Message: 7, Unknowns: 1}, true},
		{"and spares a reminder that was about to go again", JobReminder, Recipient{State: Later, Try: 2, Unknowns: 1}, 2, Outcome{State: Sent, Message: 7},
			Recipient{State: Sent, Try: 2, At: now, Message: 7, Unknowns: 1}, true},
		{"nothing else has a say over unknown", "announce", Recipient{State: Unknown, Try: 2}, 2, Outcome{State: Gone}, Recipient{State: Unknown, Try: 2}, false},
		{"nor sent over a letter that merely waits", JobReminder, Recipient{State: Later, Try: 2}, 2, Outcome{State: Sent}, Recipient{State: Later, Try: 2}, false},
		{"a try of the past has no say", JobReminder, Recipient{State: Sending, Try: 3}, 2, Outcome{State: Gone}, Recipient{State: Sending, Try: 3}, false},
		{"what is settled stays", JobReminder, Recipient{State: Skipped, Try: 2}, 2, Outcome{State: Sent}, Recipient{State: Skipped, Try: 2}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, said := tc.from.settle(tc.try, tc.o, tc.kind, now)
			if diff := cmp.Diff(tc.want, got); diff != "" || said != tc.said {
				t.Errorf("said %v, entry (-want +got):\n%s", said, diff)
			}
			if again, said := got.settle(tc.try, tc.o, tc.kind, now.Add(time.Second)); said {
				t.Errorf("the same outcome again changes it to %+v", again)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	out := now.Add(LetterTimeout)
	for _, tc := range []struct {
		name string
		kind JobKind
		from Recipient
		want Recipient
	}{
		{"a letter whose time has come is taken up", "announce", Recipient{State: Later, Try: 1}, Recipient{State: Sending, Try: 2, Token: 5, At: out}},
		{"a reminder in flight at a crash is taken up once more", JobReminder, Recipient{State: Sending, Try: 1, Token: 4},
			Recipient{State: Sending, Try: 2, Token: 5, At: out, Unknowns: 1}},
		{"and not a third time", JobReminder, Recipient{State: Sending, Try: 2, Token: 4, Unknowns: 1},
			Recipient{State: Unknown, Try: 2, Token: 4, At: now, Unknowns: 2, Reason: "no word of it"}},
		{"an announcement in flight at a crash stays unknown", "announce", Recipient{State: Sending, Try: 1, Token: 4},
			Recipient{State: Unknown, Try: 1, Token: 4, At: now, Unknowns: 1, Reason: "no word of it"}},
		{"a correction in flight at several crashes is taken up each time", "announce", Recipient{Changes: true, State: Sending, Try: 3, Token: 4, Unknowns: 2},
			Recipient{Changes: true, State: Sending, Try: 4, Token: 5, At: out, Unknowns: 3}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, tc.from.claim(tc.kind, 5, now)); diff != "" {
				t.Errorf("entry (-want +got):\n%s", diff)
			}
		})
	}
}

// A letterbox must not grow without end, and must not lose what waits.
func TestLetterboxKeepsWhatWaits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	const waiting = 20
	box := letterbox{person: 7}
	box.set(Recipient{Job: "waits", State: Later, At: now.Add(-time.Hour * 1000)}, now)
	for i := range waiting - 1 {
		box.set(Recipient{Job: JobID(fmt.Sprint("waits", i)), State: Later, At: now}, now)
	}
	box.set(Recipient{Job: "old", State: Sent, At: now.Add(-lettersKept)}, now)
	for i := range 3 * maxLetters {
		box.set(Recipient{Job: JobID(fmt.Sprint(i)), State: Sent, At: now}, now)
	}
	if _, waits := box.of("waits"); !waits {
		t.Error("a letter that waits was dropped")
	}
	if _, old := box.of("old"); old {
		t.Error("a letter settled two days ago is kept")
	}
	// Those that wait stand before all others, and are no reason to keep more.
	if _, newest := box.of(JobID(fmt.Sprint(3*maxLetters - 1))); !newest || len(box.Letters) != maxLetters {
		t.Errorf("the newest is kept: %v, of %d letters, want %d", newest, len(box.Letters), maxLetters)
	}
	if n := len(slices.DeleteFunc(slices.Clone(box.Letters), func(r Recipient) bool { return !r.State.waiting() })); n != waiting {
		t.Errorf("%d letters wait, want %d", n, waiting)
	}
	if _, put := box.put(); put.TTL != 0 || len(put.Value) > MaxValue {
		t.Errorf("a letterbox in which a letter waits has a TTL of %s and %d bytes", put.TTL, len(put.Value))
	}
	for _, r := range slices.Clone(box.Letters) {
		r.State = Sent
		box.set(r, now)
	}
	if _, put := box.put(); put.TTL != lettersKept {
		t.Errorf("a letterbox in which nothing waits has a TTL of %s", put.TTL)
	}
}
