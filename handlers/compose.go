package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"recbot/bot"
	"recbot/store"
)

// fresh stands behind the data of buttons under notices: a notice stays as it was said, and what its buttons show comes
// as a message of its own.
const fresh = "n"

// Compose says what a job has to tell a person, as things are now.
//
// A nil Reply means that they are not told, and the key is the reason. With a Reply, an equal key that is not "" means an
// equal message for everybody of the same language and zone.
func (d *Desk) Compose(ctx context.Context, job store.Job, p store.Person) (reply *bot.Reply, key string, err error) {
	switch job.Kind {
	case store.JobReply, store.JobLetter:
		reply, err = d.letter(ctx, job)
		return reply, "", err
	case store.JobDigest:
		return d.digest(ctx, job, p)
	case store.JobAsk:
		return d.questionCard(ctx, job, p)
	case store.JobAnswer:
		reply, key, err = d.answer(ctx, job)
		return reply, key, err
	case store.JobAnnounce:
		if job.Meeting == "" {
			return d.announcement(ctx, job, p)
		}
	case store.JobReminder, store.JobSnooze, store.JobChange, store.JobNew, store.JobWish:
	default:
		return nil, "", fmt.Errorf("composing job %q: unknown kind %q", job.ID, job.Kind)
	}
	m, err := d.store.Meeting(ctx, job.Meeting, p)
	// Read for this very person: who lost the right to see the meeting since the job was opened is not told.
	if errors.Is(err, store.ErrNotFound) {
		return nil, "not visible", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	switch job.Kind {
	case store.JobReminder:
		reply, key = d.reminder(job, m, p)
	case store.JobSnooze:
		reply, key = d.snoozed(job, m, p)
	case store.JobChange:
		reply, key, err = d.changeNotice(ctx, job, m, p)
	case store.JobWish:
		reply, key = d.wishMet(m, p)
	case store.JobAnnounce:
		return d.announcement(ctx, job, p)
	default:
		reply, key, err = d.newNotice(ctx, job, m, p)
	}
	if wait := (*bot.Wait)(nil); errors.As(err, &wait) {
		return nil, "", err
	}
	if err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	if reply != nil && len(reply.Parts) > 0 {
		// The revision, for a meeting may be saved between two recipients; the sound, for it is the person's own.
		key = strings.Join([]string{key, strconv.FormatInt(int64(m.Revision), 10), strconv.FormatBool(reply.Silent)}, ":")
	}
	return reply, key, nil
}

// letter is a reply that was kept for one person, or an alert, which is told as things are when it leaves.
func (d *Desk) letter(ctx context.Context, job store.Job) (*bot.Reply, error) {
	var kept struct {
		bot.Reply
		Alert *Alert
	}
	if err := json.Unmarshal(job.Content, &kept); err != nil {
		return nil, fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	say := func() (*bot.Reply, error) { return d.sayKept(ctx, &kept.Reply) }
	if kept.Alert != nil {
		say = func() (*bot.Reply, error) { return d.sayAlert(ctx, *kept.Alert) }
	}
	reply, err := say()
	if err != nil {
		return nil, fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	return reply, nil
}

// sayKept gives a reply as it was kept, or the last word in place of one that told how work goes on which is over by now. The kept
// one would otherwise stand over that word, as a later edit of the same message, and offer to stop what has ended.
func (d *Desk) sayKept(ctx context.Context, kept *bot.Reply) (*bot.Reply, error) {
	if !kept.Passing {
		return kept, nil
	}
	last, err := d.Last(ctx, kept.Live)
	if err != nil || last == nil {
		return kept, err
	}
	said := *last
	said.Follow = kept.Follow // what comes behind it was not said either
	return &said, nil
}

// reminder says that a meeting begins soon, with the time that really remains.
func (d *Desk) reminder(job store.Job, m store.Meeting, p store.Person) (*bot.Reply, string) {
	now := d.now()
	// The id holds the start that the job was opened for.
	if job.ID != m.ReminderID(job.Lead) {
		return nil, "moved"
	}
	if why := p.SkipReminder(m, job.Lead, now); why != "" {
		return nil, why
	}
	return d.remind(m, d.zoneOf(p), now)
}

// remind writes a reminder, with the buttons that put it off; nil once the meeting has begun.
func (d *Desk) remind(m store.Meeting, zone string, now time.Time) (reply *bot.Reply, key string) {
	in, ok := remaining(m, zone, now)
	if !ok {
		return nil, "began"
	}
	reply = bot.Say("ReminderHeading", "In", in)
	noticeBody(reply, m)
	if m.JoinURL != "" {
		reply.Row(bot.Open("ButtonJoin", m.JoinURL))
	}
	key = strings.Join([]string{"remind", said(in), snoozeButtons(reply, m, zone, now)}, ":")
	noticeButtons(reply, m)
	return reply, key
}

// said tells spans of time apart in a key. Today and tomorrow, and the hour then, depend on the zone and the meeting, which
// a key need not say.
func said(in bot.Value) string {
	if in.Span != nil {
		return in.Span.Length.String()
	}
	return in.Phrase.Key
}

// noticeBody is name, time and place of a meeting, for notices.
func noticeBody(reply *bot.Reply, m store.Meeting) {
	reply.Parts = append(reply.Parts, titled(m).Parts...)
	reply.Say("CardWhen", "When", whenOf(m, bot.WhenFull))
	reply.Line("CardWhere", "Place", place(m))
}

// noticeButtons lead to the agenda, or to the card of a meeting whose agenda is not known, and silence the meeting. Each has
// a row of its own: side by side a phone would cut the longer label to a riddle.
func noticeButtons(reply *bot.Reply, m store.Meeting) {
	about := bot.Press("ButtonCard", bot.Data("mc", m.ID, fresh))
	if len(m.Agenda) > 0 {
		about = bot.Press("ButtonAgenda", bot.Data("ag", m.ID, fresh))
	}
	reply.Row(about).Button("ButtonMuteMeeting", bot.Data("mu", m.ID, true, fresh))
}

// published tells of a new meeting.
func (d *Desk) published(job store.Job, m store.Meeting, p store.Person) (*bot.Reply, string) {
	now := d.now()
	if why := unasked(job, p); why != "" {
		return nil, why
	}
	switch {
	case m.Status == store.Cancelled:
		return nil, "cancelled"
	case m.Status == store.Postponed:
		return nil, "postponed"
	case !now.Before(m.Start()):
		return nil, "began"
	}
	reply := bot.Say("NewMeeting")
	reply.Silent = p.Muted
	noticeBody(reply, m)
	if m.Status == store.Tentative { // a date to pencil in, not to book flights for
		reply.Line("CardStatus", "Status", phrase(statusKey(m, now)))
	}
	noticeButtons(reply, m)
	return reply, "new"
}

// unasked tells why news of a meeting does not concern a person. They follow it if they follow it as it was or as it is.
func unasked(job store.Job, p store.Person) string {
	switch {
	case p.Stopped:
		return "stopped"
	case p.Unreachable != "":
		return "unreachable"
	case !slices.ContainsFunc(job.Audience.Topics, p.Follows):
		return "not followed"
	}
	return ""
}

// reasonNoChange is why nobody is told of a meeting that is as it was before.
const reasonNoChange = "no net change"

// change tells what is different about a meeting: what it was, as the job kept it, and what it is now. Who muted
// everything, or this meeting, is told without a sound.
func (d *Desk) change(job store.Job, m store.Meeting, p store.Person) (*bot.Reply, string, error) {
	var before store.Change
	if err := json.Unmarshal(job.Content, &before); err != nil {
		return nil, "", err
	}
	was := before.Before(m)
	heading := changeHeading(was, m)
	why := unasked(job, p)
	switch {
	case why != "":
	// A letter held over the night may find the meeting over. That it was called off is still news to who stood there.
	case m.Over(d.now()) && !callsOff(m):
		why = "over"
	case heading == "":
		why = reasonNoChange
	}
	if why != "" {
		return nil, why, nil
	}
	reply := bot.Say(heading)
	reply.Silent = p.Muted || slices.Contains(p.MutedOnes, m.ID)
	changeBody(reply, was, m)
	if join := m.JoinURL; join != "" && !callsOff(m) {
		reply.Row(bot.Open("ButtonJoin", join))
	}
	return reply.Row(bot.Press("ButtonCard", bot.Data("mc", m.ID, fresh))), "change", nil
}

// callsOff tells that a meeting will not be held on its date.
func callsOff(m store.Meeting) bool {
	return m.Status == store.Cancelled || m.Status == store.Postponed
}

// changeHeading names a change by what matters most in it; "" when nothing is different any more.
func changeHeading(was, m store.Meeting) string {
	online := was.Attendance != store.Online && m.Attendance == store.Online
	time, place := otherTime(was, m), otherPlace(was, m)
	switch {
	case m.Status != was.Status && m.Status == store.Cancelled:
		return "ChangeCancelled"
	case m.Status != was.Status && m.Status == store.Postponed:
		return "ChangePostponed"
	case callsOff(m):
		return "" // it was called off before, and when or where no longer matters
	case callsOff(was):
		return "ChangeReinstated"
	case time && online:
		return "ChangeTimeAndOnline"
	case time && place:
		return "ChangeTimeAndPlace"
	case time && was.Start().Equal(m.Start()) && was.AllDay() == m.AllDay(): // "moved" would alarm for nothing
		return "ChangeEnd"
	case time && was.AllDay() && was.Date == m.Date && was.EndDate == m.EndDate:
		return "ChangeHourKnown"
	case time:
		return "ChangeTime"
	case online:
		return "ChangeOnline"
	case place && was.Location.Same(m.Location):
		return "ChangeFormat"
	case place:
		return "ChangePlace"
	case m.Status != was.Status && m.Status == store.Confirmed:
		return "ChangeConfirmed"
	case m.Status != was.Status:
		return "ChangeTentative"
	}
	return ""
}

// otherTime tells whether the written date, hours or zone differ. Two spellings of one instant count as different: a
// change of the zone is one that a host tells people about.
func otherTime(was, m store.Meeting) bool {
	return was.Date != m.Date || was.EndDate != m.EndDate || was.StartHour != m.StartHour || was.EndHour != m.EndHour || was.Zone != m.Zone
}

// otherPlace tells whether one has to go elsewhere, or may take part in another way.
func otherPlace(was, m store.Meeting) bool {
	return !was.Location.Same(m.Location) || was.Attendance != m.Attendance
}

// changeBody shows a meeting with what is different in both versions, old and new, in the reader's time.
func changeBody(reply *bot.Reply, was, m store.Meeting) {
	reply.Parts = append(reply.Parts, titled(m).Parts...)
	switch {
	case callsOff(m):
		reply.Say("CardWasPlanned", "When", bot.WhenOf(was, dateOr(was, bot.WhenReader)))
		if !m.StatusNote.Empty() {
			reply.Say("CardNote", "Text", m.StatusNote)
		}
		return
	case otherTime(was, m):
		reply.Say("ChangeWas", "When", bot.WhenOf(was, dateOr(was, bot.WhenReader)))
		reply.Line("ChangeNow", "When", bot.WhenOf(m, bot.WhenReader))
	default:
		reply.Say("CardWhen", "When", bot.WhenOf(m, bot.WhenReader))
	}
	if otherPlace(was, m) {
		reply.Say("ChangePlaceWas", "Place", place(was))
		reply.Line("ChangePlaceNow", "Place", place(m))
	} else {
		reply.Line("CardWhere", "Place", place(m))
	}
	if !m.StatusNote.Empty() {
		reply.Say("CardNote", "Text", m.StatusNote)
	}
}

// whenOf is the date of a meeting. Of one that will not be held it does not say that the hour is still to be announced.
func whenOf(m store.Meeting, style bot.WhenStyle) bot.When {
	if callsOff(m) {
		style = dateOr(m, style)
	}
	return bot.WhenOf(m, style)
}

// dateOr is a style for a date that no longer holds: an hour that was not known will not be announced either.
func dateOr(m store.Meeting, style bot.WhenStyle) bot.WhenStyle {
	if m.AllDay() {
		return bot.WhenDate
	}
	return style
}
