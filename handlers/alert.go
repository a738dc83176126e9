package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"recbot/bot"
	"recbot/store"
)

// AlertKind names a trouble that the owners are told of.
type AlertKind string

// The troubles.
const (
	AlertStall AlertKind = "stall" // nothing was scheduled for a while
	AlertClock AlertKind = "clock" // the clock of the machine jumped; From is the calendar hour of it, not the moment
	AlertSkew  AlertKind = "skew"  // the clock of the machine differs from Telegram's
	AlertRoom  AlertKind = "room"  // the store has little room left
)

// Alert is a trouble, and what is known of it.
type Alert struct {
	Kind AlertKind `json:"kind"`
	// From is when it began. It tells two troubles of a kind apart: with an equal one it is the same trouble, and told once.
	From    time.Time     `json:"from,omitzero"`
	To      time.Time     `json:"to,omitzero"`       // of a stall
	Jobs    []store.JobID `json:"jobs,omitempty"`    // the reminders that were late; the first 200 of them are counted
	Lost    int           `json:"lost,omitempty"`    // meetings that began without a reminder that was due
	Dropped int           `json:"dropped,omitempty"` // reminders that were to come of these, to all persons together
	Jump    time.Duration `json:"jump,omitempty"`    // of the clock, forward if positive; of a skew, by how much it is ahead
	Free    int64         `json:"free,omitempty"`    // bytes of the store
}

// id is the same for the same trouble, so that each is told once.
func (a Alert) id(to store.PersonID) store.JobID {
	return store.JobID(fmt.Sprintf("alert:%s:%d:%d", a.Kind, a.From.Unix(), to))
}

const (
	// alertAfter lets late reminders leave before it is told how many did.
	alertAfter = time.Minute
	// alertPatience is for how long it waits for the last of them. Some are held for the night, and owners want to know before.
	alertPatience = 15 * time.Minute
)

// mostLate bounds what an alert carries: a job's content is limited.
const mostLate = 200

// Alert tells every owner of a trouble, each trouble once, however often it is called in 35 days: that is how long a job that has
// ended is remembered. Called after that, it tells it again. After an error it may have been told to some of them; called again,
// it tells the others.
func (d *Desk) Alert(ctx context.Context, a Alert) error {
	owners, err := d.store.Owners(ctx)
	if err != nil {
		return fmt.Errorf("alert of %s: %w", a.Kind, err)
	}
	a.Jobs = a.Jobs[:min(len(a.Jobs), mostLate)]
	content, err := json.Marshal(struct{ Alert Alert }{a})
	if err != nil {
		return fmt.Errorf("alert of %s: %w", a.Kind, err)
	}
	now := d.now()
	for _, to := range owners {
		job := store.Job{ID: a.id(to), Kind: store.JobLetter, Audience: store.Audience{Person: to}, Content: content, Opened: now, Due: now}
		if a.Kind == AlertStall {
			job.Due = now.Add(alertAfter)
		}
		if err := d.store.OpenJob(ctx, job); err != nil {
			return fmt.Errorf("alert of %s: %w", a.Kind, err)
		}
	}
	return nil
}

// sayAlert tells of a trouble as it stands now, and what went wrong last, which may be the reason.
func (d *Desk) sayAlert(ctx context.Context, a Alert) (*bot.Reply, error) {
	reply := &bot.Reply{}
	switch a.Kind {
	case AlertStall:
		late, over, err := d.sentOf(ctx, a.Jobs)
		if err != nil {
			return nil, err
		}
		if now := d.now(); !over && now.Sub(a.To) < alertPatience {
			return nil, &bot.Wait{Until: now.Add(alertAfter), Reason: "late reminders are on their way"}
		}
		reply.Say("AlertStall", "For", bot.Span{Length: a.To.Sub(a.From).Truncate(time.Minute), Style: bot.SpanPlain},
			"From", bot.At{Time: a.From, Style: bot.AtFull}, "To", bot.At{Time: a.To, Style: bot.AtFull})
		if len(a.Jobs)+a.Dropped+a.Lost == 0 {
			reply.Line("AlertStallNothing")
			break
		}
		reply.Line("AlertStallLate").Line("AlertLate", "N", late).Line("AlertDropped", "N", a.Dropped)
		if a.Lost > 0 {
			reply.Line("AlertLost", "N", a.Lost)
		}
	case AlertClock:
		reply.Say(a.toward("AlertClockForward", "AlertClockBack"), "N", int(a.Jump.Abs().Round(time.Second)/time.Second))
	case AlertSkew:
		reply.Say(a.toward("AlertSkewAhead", "AlertSkewBehind"), "N", int(a.Jump.Abs().Round(time.Second)/time.Second))
	case AlertRoom:
		reply.Say("AlertRoom", "N", int(a.Free>>20))
	}
	if s := d.status(ctx); s.Trouble != "" {
		reply.Say("StatsTrouble", "At", bot.At{Time: s.TroubleAt, Style: bot.AtFull}, "Text", s.Trouble)
	}
	return reply.Button("ButtonStats", bot.Data("ss", fresh)), nil
}

// toward chooses by where the clock went.
func (a Alert) toward(forward, back string) string {
	if a.Jump < 0 {
		return back
	}
	return forward
}

// sentOf counts the letters of jobs that were sent; over tells that no more will be.
func (d *Desk) sentOf(ctx context.Context, jobs []store.JobID) (sent int, over bool, err error) {
	over = true
	for _, id := range jobs {
		c, ended, err := d.store.JobProgress(ctx, store.Job{ID: id})
		if err != nil {
			return 0, false, err
		}
		sent, over = sent+c.Sent, over && ended
	}
	return sent, over, nil
}
