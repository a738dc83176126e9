package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/store"
)

// undoTime is how long a sent announcement can be taken back before anything leaves.
const undoTime = time.Minute

// breath is how long after the press a recall or a retry begins, which nobody undoes. It lets the answer to the press arrive
// first: of a few letters the report is there sooner than that, and the first word about them would follow the last.
const breath = time.Second

// sendDraft handles an:<draft>:send and an:<draft>:send:again.
func (d *Desk) sendDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	return d.giveIn(ctx, r, draft, time.Time{}, r.Arg(2) == "again")
}

// giveIn sends a draft at a time, or in a minute when that is zero. It asks first when the same was just sent, and asks
// another organizer when everybody is to be told.
func (d *Desk) giveIn(ctx context.Context, r *bot.Request, draft store.Draft, at time.Time, again bool) (*bot.Reply, error) {
	replaces, why, err := d.aim(ctx, draft)
	if why != "" || err != nil {
		return bot.Toast(why), err
	}
	if idle, err := d.changesNothing(ctx, draft); idle || err != nil {
		return bot.Toast("AnnounceFixSame"), err
	}
	heads, err := d.countDraft(ctx, draft)
	if err != nil {
		return nil, err
	}
	if !ready(draft, heads) {
		return d.draftStatus(ctx, r, draft)
	}
	if !again {
		last, twice, err := d.store.SaidBefore(ctx, draft)
		if err != nil {
			return nil, err
		}
		if twice {
			data := an(draft, "send", "again")
			if !at.IsZero() {
				data = an(draft, "plan", unixText(at), "again")
			}
			return bot.Say("AnnounceTwice", "Ago", bot.Span{Length: r.Now.Sub(last), Style: bot.SpanAgo}).
				Button("ButtonSendAgain", data).Button("ButtonBack", an(draft, "state")), nil
		}
	}
	others, err := d.approvers(ctx, draft)
	if err != nil {
		return nil, err
	}
	state := store.DraftSending
	if len(others) > 0 {
		state = store.DraftAsking
	}
	draft, err = d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) {
		draft.State, draft.N, draft.Round, draft.Replaces = state, readers(*draft, heads), 1, replaces
		draft.Due, draft.Planned = at, !at.IsZero()
		if at.IsZero() {
			draft.Due = r.Now.Add(undoTime).UTC()
		}
		if state == store.DraftSending {
			draft.Turn++
		} else {
			draft.Asked = r.Now.UTC()
		}
	})
	if err != nil {
		return nil, err
	}
	if err := d.store.NoteSaid(ctx, draft); err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, draft)
}

// launch opens the job of a draft that is sending. Opening it twice in one turn changes nothing, and brings back nothing that was
// taken back or stopped.
func (d *Desk) launch(ctx context.Context, draft store.Draft, now time.Time) error {
	audience, _, err := d.audienceOf(ctx, draft)
	if err != nil {
		return err
	}
	if draft.Round > 1 {
		audience = store.Audience{Of: store.AnnounceID(draft.ID, draft.Round-1)}
	}
	content, err := json.Marshal(contentOf(draft))
	if err != nil {
		return fmt.Errorf("announcing draft %q: %w", draft.ID, err)
	}
	due := draft.Due
	if draft.Recall || draft.Round > 1 {
		due = due.Add(breath)
	}
	return d.store.OpenJob(ctx, store.Job{
		ID: store.AnnounceID(draft.ID, draft.Round), Kind: store.JobAnnounce, Meeting: draft.Meeting, Audience: audience,
		Content: content, Opened: now.UTC(), Due: due, Urgent: draft.Urgent, Replaces: draft.Replaces, Recalls: draft.Recall, Turn: draft.Turn,
	})
}

// draftStatus shows a draft as it stands, whatever its state, and sees to it that what the state asks for is there: a crash may
// have come between the two.
func (d *Desk) draftStatus(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	var err error
	switch draft.State {
	case store.DraftSending:
		err = d.launch(ctx, draft, r.Now)
	case store.DraftAsking:
		err = d.askApproval(ctx, draft)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case draft.State == store.DraftComposing:
		if r.Person.ID != draft.By { // it was taken back, or its question was withdrawn
			return bot.Say("AnnounceWithAuthor").Row(menuButton()), nil
		}
		heads, err := d.countDraft(ctx, draft)
		if err != nil {
			return nil, err
		}
		return d.control(ctx, draft, heads)
	case draft.State == store.DraftAsking && r.Person.ID != draft.By: // by the queue, say
		return d.approval(ctx, draft)
	case draft.State == store.DraftAsking:
		reply := bot.Say("AnnounceAsked")
		if draft.Planned {
			reply.Line("AnnounceApproveAt", "When", d.plannedFor(draft))
		}
		return reply.Button("ButtonWithdraw", an(draft, "undo")), nil
	case draft.State == store.DraftSending && r.Now.Before(draft.Due):
		return d.waiting(draft), nil
	}
	counts := store.Counts{}
	if draft.Counts != nil {
		counts = *draft.Counts
	} else if c, err := d.store.JobCounts(ctx, store.AnnounceID(draft.ID, draft.Round)); err == nil {
		counts = c
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if draft.State == store.DraftSending {
		return d.progress(draft, counts), nil
	}
	return d.report(ctx, draft, counts)
}

// liveName names the message that follows an announcement. What was planned for later is told in a message of its own: the
// one in which it was planned lies far above by then.
func liveName(draft store.Draft) string { return livePrefix + string(draft.ID) }

const livePrefix = "an:"

// waiting says when a draft leaves, with the way to take it back.
func (d *Desk) waiting(draft store.Draft) *bot.Reply {
	who := bot.Count{N: draft.N, Of: "CountRecipients"}
	if draft.Planned {
		reply := bot.Say("AnnouncePlanned", "When", d.plannedFor(draft), "Who", who).Button("ButtonTakeBack", an(draft, "undo"))
		d.sayNight(reply, draft)
		return reply
	}
	key := "AnnounceSoon"
	if len(draft.Replaces) > 0 {
		key = "AnnounceSoonCorrection"
	}
	reply := bot.Say(key, "Who", who).Button("ButtonUndo", an(draft, "undo"))
	d.sayNight(reply, draft)
	reply.Live, reply.Passing = liveName(draft), true
	return reply
}

// sayNight says of what leaves in the quiet hours that most people have that it waits for their end. Whose are others, or who lives
// by another clock, gets it at another time.
func (d *Desk) sayNight(reply *bot.Reply, draft store.Draft) {
	if q := store.DefaultQuiet; !draft.Urgent && len(draft.Replaces) == 0 && d.atNight(draft.Due) {
		reply.Line("AnnounceNight", "Clock", fmt.Sprintf("%02d:%02d", q.To/60, q.To%60))
	}
}

// atNight tells whether an instant lies in the quiet hours that most people have, by the council's clock.
func (d *Desk) atNight(at time.Time) bool {
	here, q := timeIn(d.zone, at), store.DefaultQuiet
	minute := here.Hour()*60 + here.Minute()
	return minute >= q.From || minute < q.To
}

// undoDraft handles an:<draft>:undo: nothing has left yet, and the draft is composed again. The draft first: whatever comes between
// this and the end of its job, [Desk.Begin] lets nothing leave of what is being composed.
func (d *Desk) undoDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	if endedBefore(draft, r) {
		return d.draftStatus(ctx, r, draft)
	}
	if !takenBackBy(draft, r) {
		var err error
		draft, err = d.store.ChangeDraft(ctx, draft.ID, func(draft *store.Draft) error {
			// Not in the last moment, in which its job may be looked at already.
			leaving := draft.State == store.DraftSending && d.now().Before(draft.Due.Add(-breath))
			if !leaving && draft.State != store.DraftAsking {
				return errState // too late, or done
			}
			draft.State, draft.Due, draft.Planned, draft.Approved, draft.Ended = store.DraftComposing, time.Time{}, false, 0, r.ID
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if err := d.store.WithdrawTurn(ctx, store.AnnounceID(draft.ID, draft.Round), draft.Turn); err != nil {
		return nil, err
	}
	if err := d.store.Unsay(ctx, draft); err != nil {
		return nil, err
	}
	if err := d.tellAuthor(ctx, r, draft, bot.Say("AnnounceTakenBack", "By", colleague(r.Person)).Button("ButtonShowDraft", an(draft, "state"))); err != nil {
		return nil, err
	}
	reply, err := d.draftStatus(ctx, r, draft)
	if err != nil {
		return nil, err
	}
	return reply.Toasting("AnnounceUndone"), nil
}

// takenBackBy tells that a draft is composed again by this very press, which came once more because a crash cut it off.
func takenBackBy(draft store.Draft, r *bot.Request) bool {
	return draft.State == store.DraftComposing && draft.Ended == r.ID && r.ID != 0
}

// endedBefore tells that this very press took a draft back or stopped it, and comes once more because a crash cut it off; meanwhile
// somebody has let it go on, or given it in again.
func endedBefore(draft store.Draft, r *bot.Request) bool {
	return (draft.State == store.DraftSending || draft.State == store.DraftAsking) && draft.Ended == r.ID && r.ID != 0
}

// tellAuthor tells the author of a draft what somebody else has just done with it; nothing when it was the author.
func (d *Desk) tellAuthor(ctx context.Context, r *bot.Request, draft store.Draft, reply *bot.Reply) error {
	if r.Person.ID == draft.By {
		return nil
	}
	return d.tellLater(ctx, draft, "by another:"+strconv.FormatInt(int64(r.ID), 36), reply)
}

// stopDraft handles an:<draft>:stop. What is under way at this moment still arrives. The draft first, so that its report says that it
// was stopped; what comes between this and the end of its job is made up for by [Desk.Progress].
func (d *Desk) stopDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	switch {
	case endedBefore(draft, r):
		return d.draftStatus(ctx, r, draft)
	case draft.State == store.DraftSending:
		var err error
		draft, err = d.changeDraft(ctx, draft.ID, store.DraftSending, func(draft *store.Draft) {
			draft.State, draft.Ended = store.DraftStopped, r.ID
		})
		if err != nil {
			return nil, err
		}
	case draft.State == store.DraftStopped: // pressed again, because the first press did not come to its end
	default:
		return d.draftStatus(ctx, r, draft)
	}
	if err := d.store.WithdrawTurn(ctx, store.AnnounceID(draft.ID, draft.Round), draft.Turn); err != nil {
		return nil, err
	}
	if draft.Ended == r.ID {
		if err := d.tellAuthor(ctx, r, draft, bot.Say("AnnounceStoppedBy", "By", colleague(r.Person))); err != nil {
			return nil, err
		}
	}
	reply, err := d.draftStatus(ctx, r, draft)
	if err == nil && r.Person.ID != draft.By { // whose message still says that it is being sent; the report says so too
		_ = d.inform(ctx, draft.By, reply)
	}
	return reply, err
}
