package broadcast

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"recbot/bot"
	"recbot/store"
)

// sayRest sends what follows a letter, as letters of their own. What Telegram lets nobody send now is kept as a job for the person:
// the first letter is settled, and is not sent again for the sake of the others. What it refuses, or may have taken, is logged alone.
//
// A crash between the first letter and the last loses those in between: a message that must arrive is not to be said in a Follow.
func (t *term) sayRest(ctx context.Context, j store.Job, p store.Person, rest *bot.Reply) {
	for ; rest != nil; rest = rest.Follow {
		letter, err := t.o.Render(rest, p, t.o.Now())
		if err != nil || letter == nil {
			t.o.Log.Error("rest of a letter cannot be rendered", "job", j.ID, "person", p.ID, "err", err)
			return
		}
		r := t.dispatch(ctx, j, p, letter)
		if r.Fate == bot.FateLater {
			t.keepRest(ctx, j, p, rest, r.After)
			return // what comes behind it would come before it
		}
		if r.Fate != bot.FateSent {
			t.o.Log.Warn("rest of a letter did not leave", "job", j.ID, "person", p.ID, "err", r.Reason)
		}
	}
}

// keepRest opens a job that says the rest of a letter later. Its id counts what is left, so that a rest that has to wait again is
// another job, and one that is kept twice is one. The end of a term must not lose it: that is when letters come back.
func (t *term) keepRest(ctx context.Context, j store.Job, p store.Person, rest *bot.Reply, wait time.Duration) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOverTime)
	defer cancel()
	left := 0
	for next := rest; next != nil; next = next.Follow {
		left++
	}
	content, err := json.Marshal(rest)
	if err == nil {
		now := t.o.Now().UTC()
		err = t.store.OpenJob(call, store.Job{
			ID: store.LetterID(fmt.Sprintf("rest:%d:%d:%s", p.ID, left, j.ID)), Kind: restKind(j.Kind), Audience: store.Audience{Person: p.ID},
			Content: content, Opened: now, Due: now.Add(wait), Deadline: j.Deadline,
		})
	}
	if err != nil {
		t.o.Log.Error("rest of a letter is lost", "job", j.ID, "person", p.ID, "err", err)
	}
}

// restKind is the kind of the job that says the rest of a letter. Who was told the beginning is told the end, so it has to let through
// whom the first job lets through: a reply goes also to who stopped the bot or asked to be forgotten, and to groups. What is said of an
// answer is read from its question by the id of its job, which a rest cannot have; as a reply it says what was kept of it, and is
// no less welcome to who stopped the bot. Any other rest is a letter, which is passed over for whom its own job would pass over.
func restKind(k store.JobKind) store.JobKind {
	switch k {
	case store.JobReply, store.JobAnswer:
		return store.JobReply
	}
	return store.JobLetter
}
