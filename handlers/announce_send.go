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
	if recalled, err := d.correctsRecalled(ctx, draft); recalled || err != nil {
		return bot.Toast("AnnounceRecalledNoFix"), err
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
		draft.State, draft.N, draft.Round = state, readers(*draft, heads), 1
		draft.Due, draft.Planned = at, !at.IsZero()
		if at.IsZero() {
			draft.Due = r.Now.Add(undoTime).UTC()
		}
		if state == store.DraftSending {
			draft.Turn++
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
	here, q := timeIn(d.zone, draft.Due), store.DefaultQuiet
	if minute := here.Hour()*60 + here.Minute(); draft.Urgent || len(draft.Replaces) > 0 || minute < q.From && minute >= q.To {
		return
	}
	reply.Line("AnnounceNight", "Clock", fmt.Sprintf("%02d:%02d", q.To/60, q.To%60))
}

// undoDraft handles an:<draft>:undo: nothing has left yet, and the draft is composed again. The draft first: whatever comes between
// this and the end of its job, [Desk.Begin] lets nothing leave of what is being composed.
func (d *Desk) undoDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
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
	if err := d.store.WithdrawJob(ctx, store.AnnounceID(draft.ID, draft.Round)); err != nil {
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
	switch draft.State {
	case store.DraftSending:
		var err error
		draft, err = d.changeDraft(ctx, draft.ID, store.DraftSending, func(draft *store.Draft) {
			draft.State, draft.Ended = store.DraftStopped, r.ID
		})
		if err != nil {
			return nil, err
		}
	case store.DraftStopped: // pressed again, because the first press did not come to its end
	default:
		return d.draftStatus(ctx, r, draft)
	}
	if err := d.store.WithdrawJob(ctx, store.AnnounceID(draft.ID, draft.Round)); err != nil {
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

// Relaunch opens the job of each announcement that is to leave, where a crash or an outage of the store came between the press and
// that. Whatever is there already is left as it is.
func (d *Desk) Relaunch(ctx context.Context) error {
	all, err := d.store.Drafts(ctx)
	if err != nil {
		return fmt.Errorf("announcements on their way: %w", err)
	}
	for _, draft := range all {
		if draft.State == store.DraftSending {
			err = errors.Join(err, d.launch(ctx, draft, d.now()))
		}
	}
	return err
}

// draftOf gives the draft of an announcement's job, of its present round.
func (d *Desk) draftOf(ctx context.Context, job store.Job) (draft store.Draft, found bool, err error) {
	draft, err = d.store.Draft(ctx, job.Draft())
	if errors.Is(err, store.ErrNotFound) {
		return draft, false, nil
	}
	return draft, err == nil && store.AnnounceID(draft.ID, draft.Round) == job.ID, err
}

// Begin is asked before an announcement leaves: one that was taken back, whose author may not announce any more, or that would
// correct what was recalled, does not. Other jobs may go, and so may one that is over already and was cut off between its report
// and its end: nobody is left whom it could reach, and all that its walk does is to end it.
func (d *Desk) Begin(ctx context.Context, job store.Job) error {
	if job.Kind != store.JobAnnounce {
		return nil
	}
	draft, found, err := d.draftOf(ctx, job)
	if err != nil {
		return fmt.Errorf("beginning job %q: %w", job.ID, err)
	}
	if found && draft.State == store.DraftDone {
		return nil
	}
	if found && draft.State == store.DraftSending {
		why, err := d.barred(ctx, draft)
		if err != nil {
			return fmt.Errorf("beginning job %q: %w", job.ID, err)
		}
		if why == "" {
			return nil
		}
		// The author first: once it is stopped nobody comes by here again to tell.
		err = d.tellRefused(ctx, draft, why)
		if err == nil {
			_, err = d.store.ChangeDraft(ctx, draft.ID, func(draft *store.Draft) error {
				draft.State = store.DraftStopped
				return nil
			})
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("beginning job %q: %w", job.ID, err)
		}
	}
	return d.store.WithdrawJob(ctx, job.ID)
}

// tellRefused tells the author of a draft why it does not leave. When they are no organizer any more, the others are told as well:
// they count on it.
func (d *Desk) tellRefused(ctx context.Context, draft store.Draft, why string) error {
	step := fmt.Sprintf("refused:%d", draft.Turn)
	if why == "AnnounceRefused" {
		others, err := d.store.PeopleWith(ctx, store.Organizer, store.Owner)
		if err != nil {
			return err
		}
		names, err := d.audienceNames(ctx, draft)
		if err != nil {
			return err
		}
		for _, p := range others {
			id := fmt.Sprintf("letter:an:%s:%s:%d", draft.ID, step, p.ID)
			if err := d.sendLetter(ctx, p.ID, id, bot.Say("AnnounceAuthorLeftTold", "To", names)); err != nil {
				return err
			}
		}
	}
	return d.tellLater(ctx, draft, step, bot.Say(why))
}

// barred is what the author of a draft is told when it must not leave any more; "" = it may.
func (d *Desk) barred(ctx context.Context, draft store.Draft) (key string, err error) {
	p, err := d.store.Person(ctx, draft.By)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "AnnounceRefused", nil
	case err != nil:
		return "", err
	case !p.Role.AtLeast(store.Organizer):
		return "AnnounceRefused", nil
	}
	if len(draft.Replaces) > 0 {
		recalled, err := d.correctsRecalled(ctx, draft)
		if recalled {
			return "AnnounceRecalledNoFix", err
		}
		return "", err
	}
	// It was stopped or over when it was recalled, and then let go on.
	if _, n, err := d.lastRecall(ctx, draft); n > 0 || err != nil {
		return "AnnounceRecalledNoSend", err
	}
	return "", nil
}

// Progress tells the author of an announcement how it goes on, and in the end what became of it; and who answered a question,
// when the answer did not arrive.
func (d *Desk) Progress(ctx context.Context, job store.Job, c store.Counts, over bool) error {
	if job.Kind == store.JobAnswer {
		return d.answerFate(ctx, job, c, over)
	}
	draft, found, err := d.draftOf(ctx, job)
	if err != nil || !found || draft.State == store.DraftComposing || draft.State == store.DraftAsking || draft.Turn != job.Turn {
		return err // it was taken back, or goes on already
	}
	switch {
	case !over && draft.State == store.DraftStopped: // and the store was away before its job was
		return d.store.WithdrawJob(ctx, job.ID)
	case !over && draft.State == store.DraftSending:
		_ = d.inform(ctx, draft.By, d.progress(draft, c)) // the next one tells more
		return nil
	case !over:
		return nil
	}
	draft, err = d.store.ChangeDraft(ctx, draft.ID, func(draft *store.Draft) error {
		if draft.Turn != job.Turn {
			return errState
		}
		if draft.State == store.DraftSending {
			draft.State = store.DraftDone
		}
		draft.Counts = &c
		return nil
	})
	if errors.Is(err, errState) {
		return nil // somebody has let it go on in this moment
	}
	if err != nil {
		return fmt.Errorf("report of job %q: %w", job.ID, err)
	}
	said, err := d.report(ctx, draft, c)
	if err != nil {
		return fmt.Errorf("report of job %q: %w", job.ID, err)
	}
	return d.tellLater(ctx, draft, fmt.Sprintf("report:%d:%d", draft.Round, draft.Turn), said)
}

// tellLater tells the author of a draft something that must arrive. The same step of a draft is told once.
func (d *Desk) tellLater(ctx context.Context, draft store.Draft, step string, reply *bot.Reply) error {
	return d.sendLetter(ctx, draft.By, "letter:an:"+string(draft.ID)+":"+step, reply)
}

// sendLetter opens a job that says something to one person.
func (d *Desk) sendLetter(ctx context.Context, to store.PersonID, id string, reply *bot.Reply) error {
	content, err := json.Marshal(reply)
	if err != nil {
		return fmt.Errorf("letter %q: %w", id, err)
	}
	now := d.now().UTC()
	return d.store.OpenJob(ctx, store.Job{
		ID: store.JobID(id), Kind: store.JobLetter, Audience: store.Audience{Person: to}, Content: content, Opened: now, Due: now,
	})
}
