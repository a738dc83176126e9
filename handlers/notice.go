package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/store"
)

// A meeting may change faster than people can be told: twice in a night, or while Telegram asks to wait. Then a person gets
// one notice, from what they knew last to how things are now. What they know stands in the ledger, with each letter that
// brought news of a meeting.

// reasonKnown is why somebody is not told of a change that an earlier or a later letter told them of.
const reasonKnown = "told already"

// heard is what the ledger has of the letters about a meeting to one person, apart from the letter that is being written.
type heard struct {
	letters []store.Recipient
}

// heardOf reads what a person was told of a meeting in the last 48 h, and what is on its way to them. The error is a
// [bot.Wait] while one of the letters may be under way: what it says is not known before it has arrived or failed.
func (d *Desk) heardOf(ctx context.Context, job store.Job, who store.PersonID) (heard, error) {
	all, err := d.store.LettersOf(ctx, who)
	if err != nil {
		return heard{}, err
	}
	var h heard
	for _, l := range all {
		if _, about := l.Job.About(); about != job.Meeting || l.Job == job.ID {
			continue
		}
		// Of this process none is: a person's letters go one after the other. It is one that a leader of the past had in hand.
		if l.State == store.Sending {
			return heard{}, &bot.Wait{Until: l.At.Add(time.Second), Reason: "an older letter may be under way"}
		}
		h.letters = append(h.letters, l)
	}
	return h, nil
}

// knows tells whether a person was told of the meeting as it is at this sequence, or knew it already.
func (h heard) knows(sequence int) bool {
	return slices.ContainsFunc(h.letters, func(l store.Recipient) bool {
		return l.Sequence >= sequence && (l.State == store.Sent || l.State == store.Skipped)
	})
}

// reminded tells whether a reminder may have reached the person that named the start of a meeting as it was.
func (h heard) reminded(was store.Meeting) bool {
	return slices.ContainsFunc(h.letters, func(l store.Recipient) bool {
		arrived := l.State == store.Sent || l.State == store.Unknown || l.Unknowns > 0
		return arrived && was.RemindedBy(l.Job)
	})
}

// waiting lists the letters of a kind that have not left yet.
func (h heard) waiting(kind store.JobKind) (all []store.Recipient) {
	for _, l := range h.letters {
		if k, _ := l.Job.About(); k == kind && l.State == store.Later {
			all = append(all, l)
		}
	}
	return all
}

// known is the answer to who has nothing to learn of a meeting as it is now.
func known(m store.Meeting, why string) (*bot.Reply, string, error) {
	if m.Sequence == 0 { // no change has been made that could be told twice
		return nil, why, nil
	}
	return &bot.Reply{Sequence: m.Sequence}, why, nil
}

// newNotice tells of a new meeting, unless a change of it was more urgent and has told of it.
func (d *Desk) newNotice(ctx context.Context, job store.Job, m store.Meeting, p store.Person) (*bot.Reply, string, error) {
	if m.Sequence > job.Sequence { // else nothing was told of it yet
		h, err := d.heardOf(ctx, job, p.ID)
		if err != nil {
			return nil, "", err
		}
		if h.knows(m.Sequence) {
			return known(m, reasonKnown)
		}
	}
	reply, key := d.published(job, m, p)
	if reply != nil {
		reply.Sequence = m.Sequence
	}
	return reply, key, nil
}

// changeNotice tells of the change since the person was told last: from the oldest change of which they have not heard. It
// begins as a correction for who got a reminder of the old time, and says which reminder that they asked for does not come.
func (d *Desk) changeNotice(ctx context.Context, job store.Job, m store.Meeting, p store.Person) (*bot.Reply, string, error) {
	h, err := d.heardOf(ctx, job, p.ID)
	if err != nil {
		return nil, "", err
	}
	if h.knows(m.Sequence) {
		return known(m, reasonKnown)
	}
	if len(h.waiting(store.JobNew)) > 0 { // whoever has not heard of the meeting is told that there is one
		reply, key := d.published(job, m, p)
		if reply != nil {
			reply.Sequence = m.Sequence
		}
		return reply, key, nil
	}
	if job, err = d.oldest(ctx, job, h.waiting(store.JobChange)); err != nil {
		return nil, "", err
	}
	reply, key, err := d.change(job, m, p)
	switch {
	case err != nil:
		return nil, "", err
	case reply == nil && key == reasonNoChange:
		return known(m, key)
	case reply == nil:
		return nil, key, nil
	}
	reply.Sequence = m.Sequence
	more, err := d.aboutReminders(ctx, reply, job, m, p, h)
	// The job that speaks, for the notice begins with how things were before it.
	return reply, key + more + ":" + string(job.ID), err
}

// oldest gives the job that tells of the oldest change among a person's letters that wait: this one speaks for them all.
func (d *Desk) oldest(ctx context.Context, job store.Job, waiting []store.Recipient) (store.Job, error) {
	for _, l := range waiting {
		other, err := d.store.JobOf(ctx, l)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return job, err
		}
		if other.Sequence < job.Sequence {
			// Whom the older change concerns, this one concerns as well: they follow the meeting as it was.
			other.Audience.Topics = append(slices.Clone(other.Audience.Topics), job.Audience.Topics...)
			job = other
		}
	}
	return job, nil
}

// aboutReminders adds to the notice of a change what becomes of the reminders of the old time, and says in the key which of
// that it was. key tells apart who was reminded and who was not.
func (d *Desk) aboutReminders(ctx context.Context, reply *bot.Reply, job store.Job, m store.Meeting, p store.Person, h heard) (key string, err error) {
	var before store.Change
	if err := json.Unmarshal(job.Content, &before); err != nil {
		return "", err
	}
	was := before.Before(m)
	moved := !was.Start().Equal(m.Start())
	if !moved && !callsOff(m) {
		return "", nil
	}
	if moved && !callsOff(m) && h.reminded(was) {
		reply.Parts[0].Tight = true
		reply.Parts = slices.Insert(reply.Parts, 0, bot.NewPart("ChangeCorrection"))
		key = "+correction"
	}
	at, found, err := d.store.Snoozed(ctx, p.ID, m.ID, was.Start())
	if err != nil {
		return "", fmt.Errorf("reminders of a changed meeting: %w", err)
	}
	if found {
		reply.Say("ChangeSnoozeOff", "At", dayClock(at, d.zoneOf(p), d.now()))
		key += "+snooze" + strconv.FormatInt(at.Unix(), 10)
	}
	return key, nil
}
