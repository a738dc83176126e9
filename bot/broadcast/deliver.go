package broadcast

import (
	"context"
	"errors"
	"slices"
	"time"

	"recbot/bot"
	"recbot/store"
)

const (
	replyPatience = 10 * time.Second // of a letter of class reply with a closed chat
	maxBackoff    = time.Minute
)

// ErrUnauthorized ends a term: Telegram does not know the token any more, and nothing leaves until it is replaced.
var ErrUnauthorized = errors.New("telegram refused the token")

// deliver takes a letter in hand and works on it in a goroutine: behind the person's other letters, and as soon as there is
// room. work gives the entry as it is in hand now and what came of it; false = there is nothing to settle.
func (t *term) deliver(ctx context.Context, k *track, l store.Recipient, work func() (store.Recipient, store.Outcome, bool)) {
	// The room is taken before the goroutine starts: that is what holds back the walk, and keeps one person's letters in order.
	room := t.slots[k.job.Class()]
	select {
	case room <- struct{}{}:
	case <-ctx.Done():
		room <- struct{}{} // all in hand come to an end now, and this one is to be settled too
	}
	before, done := t.take(ctx, k, l)
	t.spawn(func() {
		defer func() { <-room }()
		defer done()
		if before != nil {
			<-before
		}
		if now, outcome, ok := work(); ok {
			t.settle(ctx, store.Settlement{Kind: k.job.Kind, Letter: now, Outcome: outcome})
			t.reportNow(ctx, k)
		}
	})
}

// attempt tries to tell one person and gives what came of it.
func (t *term) attempt(ctx context.Context, k *track, l store.Recipient, p store.Person, known bool) store.Outcome {
	now := t.o.Now()
	if ctx.Err() != nil {
		return t.notNow()
	}
	// The order matters: who is held for the night is asked again in the morning whether there is still something to say.
	if why := skip(k.job, l, known, p, now); why != "" {
		return store.Outcome{State: store.Skipped, Reason: why}
	}
	// Not passed over: whoever announced it sees how many it did not reach, and decides.
	if k.job.Kind == store.JobAnnounce && now.Sub(k.job.Due) > store.AnnounceLives {
		return store.Outcome{State: store.Rejected, Reason: "late"}
	}
	if !known { // the answer to a group, or to who asked to be forgotten: there is no record to go by
		p = store.Person{ID: l.Person}
	}
	// A job that was opened by a clock that was ahead has to wait for its time after all.
	if now.Before(k.job.Due) {
		return store.Outcome{State: store.Later, At: k.job.Due, Reason: "before its time"}
	}
	if until := Hold(k.job, p, t.o.Zone, now); !until.IsZero() {
		return store.Outcome{State: store.Later, At: until, Reason: "quiet hours"}
	}
	reply, key, err := t.o.Compose(ctx, k.job, p)
	var wait *bot.Wait
	switch {
	case errors.As(err, &wait):
		return store.Outcome{State: store.Later, At: wait.Until, Reason: wait.Reason}
	case err != nil:
		return t.failed(ctx, l, k.job, err)
	case reply == nil:
		return store.Outcome{State: store.Skipped, Reason: key}
	case len(reply.Parts) == 0 && reply.Sequence > 0:
		return store.Outcome{State: store.Skipped, Reason: key, Sequence: reply.Sequence}
	}
	outcome := t.say(ctx, k, l, p, reply, key)
	if outcome.State == store.Sent {
		outcome.Sequence = reply.Sequence
		t.left(k.job, p)
	}
	return outcome
}

// left tells how late a letter was that was sent now.
func (t *term) left(j store.Job, p store.Person) {
	if t.o.Left == nil {
		return
	}
	due := j.Due
	if until := Hold(j, p, t.o.Zone, due); until.After(due) {
		due = until
	}
	t.o.Left(j, max(0, t.o.Now().Sub(due)))
}

// skip tells why a person is not told, whatever it is about; "" = they are.
func skip(j store.Job, l store.Recipient, known bool, p store.Person, now time.Time) string {
	answer := j.Kind == store.JobReply // to something the person did, so they want it, even if that was to leave for good
	switch {
	case !known && !answer:
		return "unknown person"
	// Whoever asks wants the answer, whatever else they silenced; and to set right or delete what they have brings them nothing.
	case p.Stopped && !answer && j.Kind != store.JobAnswer && len(j.Replaces) == 0:
		return "stopped"
	case p.Unreachable != "" && !answer:
		return "unreachable"
	case !j.Deadline.IsZero() && now.After(j.Deadline):
		return "late"
	}
	return ""
}

// say renders a reply and sends it, and what follows it as letters of their own. The fate of the first one counts: it
// cannot be sent again for the sake of the others.
func (t *term) say(ctx context.Context, k *track, l store.Recipient, p store.Person, reply *bot.Reply, key string) store.Outcome {
	letter, err := t.letter(k, reply, key, p, t.o.Now())
	switch {
	case err != nil:
		return t.failed(ctx, l, k.job, err)
	case letter == nil:
		return store.Outcome{State: store.Skipped, Reason: "nothing to say"}
	}
	if len(k.job.Replaces) > 0 {
		return t.replace(ctx, k.job, l, p, letter)
	}
	receipt := t.dispatchLive(ctx, k.job, p, reply.Live, letter)
	if l.Unknowns > 0 && receipt.MayHaveArrived() {
		t.o.Metrics.Resent(k.job.Class())
	}
	outcome := t.outcome(ctx, l, receipt)
	if reply.Menu && t.o.Menu != nil && outcome.State == store.Sent {
		// Not worth a second try: the next change of language or role sets it anew.
		t.dispatch(ctx, k.job, p, &bot.Letter{Kind: bot.LetterMenu, Menu: t.o.Menu(p)})
	}
	if outcome.State == store.Sent {
		t.sayRest(ctx, k.job, p, reply.Follow)
	}
	return outcome
}

// replace changes the message that earlier jobs sent to a person, or deletes it. Who got none is left out.
func (t *term) replace(ctx context.Context, j store.Job, l store.Recipient, p store.Person, letter *bot.Letter) store.Outcome {
	letters, err := t.store.LettersOf(ctx, p.ID)
	if err != nil {
		return t.failed(ctx, l, j, err)
	}
	changed := func(old store.Recipient) bool { return slices.Contains(j.Replaces, old.Job) }
	i := slices.IndexFunc(letters, func(old store.Recipient) bool { return old.Message != 0 && changed(old) })
	underWay := slices.ContainsFunc(letters, func(old store.Recipient) bool { return old.State == store.Sending && changed(old) })
	switch {
	case i < 0 && underWay:
		return store.Outcome{State: store.Later, At: t.o.Now().Add(replaceAgain), Reason: "what it changes is under way"}
	case i < 0:
		return store.Outcome{State: store.Skipped, Reason: "has no message to change"}
	}
	target := letters[i].Message
	// A later job may have come by before: this one had to wait, or that one was urgent and its walk the quicker one.
	switch since, err := t.replacedSince(ctx, j, letters, target); {
	case err != nil:
		return t.failed(ctx, l, j, err)
	case since:
		return store.Outcome{State: store.Skipped, Reason: "replaced since"}
	}
	again := *letter
	again.Kind, again.InPlace, again.Target = bot.LetterEdit, true, target
	if j.Recalls {
		again.Kind = bot.LetterDelete
	}
	return t.outcome(ctx, l, t.dispatch(ctx, j, p, &again))
}

// replaceAgain is when a letter is tried again whose message has yet to arrive. A letter is not under way for long.
const replaceAgain = 10 * time.Second

// replacedSince tells whether a job that was opened after j has changed a message already, so that j would undo it.
func (t *term) replacedSince(ctx context.Context, j store.Job, letters []store.Recipient, message int) (bool, error) {
	for _, other := range letters {
		if !other.Changes || other.Job == j.ID || other.Message != message || other.State != store.Sent {
			continue
		}
		opened, err := t.store.JobOpened(ctx, other.Job)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		if err == nil && opened.After(j.Opened) {
			return true, nil
		}
	}
	return false, nil
}

// dispatchLive sends a letter in place of the message that its live name stands for, and remembers it by that name. It is
// for letters to one person: an audience has no names in common.
func (t *term) dispatchLive(ctx context.Context, j store.Job, p store.Person, name string, letter *bot.Letter) bot.Receipt {
	if name == "" || j.Audience.Person == 0 {
		return t.dispatch(ctx, j, p, letter)
	}
	chat := store.ChatID(p.ID)
	message, err := t.store.Live(ctx, chat, name)
	if err != nil {
		t.complain(ctx, "live", err) // then it is a message of its own
	}
	again := *letter
	if again.Target = message; message != 0 {
		again.Kind = bot.LetterEdit
	}
	receipt := t.dispatch(ctx, j, p, &again)
	if receipt.Fate == bot.FateSent && receipt.Message != message {
		if err := t.store.SaveLive(ctx, chat, name, receipt.Message); err != nil {
			t.complain(ctx, "live", err)
		}
	}
	return receipt
}

// dispatch hands a rendered letter to the outbox. The letter may be shared: it is copied.
func (t *term) dispatch(ctx context.Context, j store.Job, p store.Person, rendered *bot.Letter) bot.Receipt {
	letter := *rendered
	letter.Chat, letter.Class, letter.Deadline = store.ChatID(p.ID), j.Class(), j.Deadline
	if p.Muted && letter.Class != store.ClassReply {
		letter.Silent = true
	}
	if letter.Class == store.ClassReply {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, replyPatience)
		defer cancel()
	}
	return t.out.Send(ctx, &letter)
}

// outcome turns a receipt into what the ledger notes.
func (t *term) outcome(ctx context.Context, l store.Recipient, r bot.Receipt) store.Outcome {
	switch r.Fate {
	case bot.FateSent:
		return store.Outcome{State: store.Sent, Message: r.Message}
	case bot.FateGone:
		// Before the letter is settled: a crash in between leaves a person who is marked, not one who is written to for ever.
		// It is noted to the end also when the term ends meanwhile.
		if err := t.store.PersonGone(context.WithoutCancel(ctx), l.Person, r.Reason); err != nil {
			t.complain(ctx, "unreachable", err)
		}
		return store.Outcome{State: store.Gone, Reason: r.Reason}
	case bot.FateRejected:
		return store.Outcome{State: store.Rejected, Reason: r.Reason}
	case bot.FateLater:
		if ctx.Err() != nil {
			return t.notNow() // it waited in the outbox, and the next leader may send it at once
		}
		wait := max(r.After, time.Second)
		if !r.Flood {
			wait = max(wait, backoff(l.Try))
		}
		return store.Outcome{State: store.Later, At: t.o.Now().Add(wait), Reason: r.Reason, Failed: r.Failed}
	case bot.FateUnauthorized:
		t.depose(ErrUnauthorized)
		return t.notNow()
	}
	return store.Outcome{State: store.Unknown, Reason: r.Reason}
}

// notNow is the outcome of a letter that was not tried because the term ends.
func (t *term) notNow() store.Outcome {
	return store.Outcome{State: store.Later, At: t.o.Now(), Reason: "leader changed"}
}

// failed is the outcome of a letter that we could not write. It is tried as often as one that Telegram fails at.
func (t *term) failed(ctx context.Context, l store.Recipient, j store.Job, err error) store.Outcome {
	if ctx.Err() != nil {
		return t.notNow()
	}
	// A store that is away will come back, and the letter waits for it. Anything else is our own mistake, and is told for each.
	broken := !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrUnknown)
	if broken {
		t.o.Log.Error("letter cannot be written", "job", j.ID, "person", l.Person, "err", err)
	} else {
		t.complain(ctx, "letter", err)
	}
	return store.Outcome{State: store.Later, At: t.o.Now().Add(backoff(l.Try)), Reason: "cannot be written", Failed: broken}
}

// backoff is 1, 2, 4 ... 60 seconds.
func backoff(try int) time.Duration {
	return min(time.Second<<min(max(try-1, 0), 10), maxBackoff)
}
