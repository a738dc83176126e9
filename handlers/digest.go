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

// di: the digests, which come to those only who chose them.
var _ = command(spec{Buttons: []string{"di"}, Press: (*Desk).pressDigest})

const (
	dailyDays    = 3 // that a daily digest looks ahead, today among them
	dailySoon    = 2 // days in which a meeting is a reason for a daily digest
	weeklyDays   = 7
	mostListed   = 8 // meetings of a digest
	mostNews     = 4 // changes of a digest: each is as long as its notice
	mostToPress  = 3 // meetings with a button of their own
	digestReason = "nothing to tell"
)

// digestBoxes choose the digests.
func digestBoxes(p store.Person) (row []bot.Button) {
	for _, kind := range store.DigestKinds {
		on := p.Wants(kind)
		row = append(row, bot.Box("BoxDigest_"+string(kind), bot.Data("di", string(kind), !on), on))
	}
	return row
}

// digestNames lists the digests that the person chose.
func digestNames(p store.Person) (names []bot.Value) {
	for _, kind := range p.Digests {
		names = append(names, phrase("Digest_"+string(kind)))
	}
	return names
}

// pressDigest handles di:<kind>:<1|0> of the settings, and with :n the same under a digest, which stays as it was sent.
func (d *Desk) pressDigest(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	kind, on := store.DigestKind(r.Arg(0)), r.Arg(1) == "1"
	if !slices.Contains(store.DigestKinds, kind) {
		return editing(d.reminders(ctx, r))
	}
	err := d.amend(ctx, r, "digest", func(p *store.Person) error { return p.SetDigest(kind, on) })
	if err != nil {
		return nil, err
	}
	said, back := "DigestOff", "ButtonDigestOn"
	if on {
		said, back = "DigestOn_"+string(kind), "ButtonDigestOff"
	}
	// Nothing is promised to who has silenced it.
	switch {
	case on && r.Person.Stopped:
		said = "SilentStopped"
	case on && r.Person.Muted:
		said = "SilentMuted"
	}
	if r.Arg(2) == fresh {
		return bot.Say(said).Button(back, bot.Data("di", string(kind), !on, fresh)), nil
	}
	reply, err := d.reminders(ctx, r)
	if err != nil {
		return nil, err
	}
	return reply.Editing().Toasting(said), nil
}

// digest tells what lies ahead of a person and what changed since the digest before. Equal keys mean equal digests: they
// hold all meetings that are told of, as they are.
func (d *Desk) digest(ctx context.Context, job store.Job, p store.Person) (*bot.Reply, string, error) {
	var content store.DigestContent
	if err := json.Unmarshal(job.Content, &content); err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	why, err := d.skipDigest(ctx, job, content, p)
	if err != nil || why != "" {
		return nil, why, err
	}
	now := d.now()
	ahead, err := d.aheadOf(ctx, job.Audience.Digest.Kind, p, now)
	if err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	news := content.News
	if job.Audience.Digest.Kind == store.Weekly && p.Wants(store.Daily) { // the daily ones told of all but the last day
		news = slices.DeleteFunc(news, func(n store.News) bool { return n.Due.Before(job.Due.AddDate(0, 0, -1)) })
	}
	changes, key, err := d.changesOf(ctx, news, p, ahead)
	if err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	soon := job.Audience.Digest.Kind == store.Weekly && len(ahead) > 0 ||
		slices.ContainsFunc(ahead, func(m store.Meeting) bool { return daysUntil(m, d.zoneOf(p), now) < dailySoon })
	if !soon && len(changes) == 0 {
		return nil, digestReason, nil
	}
	keys := []string{string(job.ID), dayIn(now, d.zoneOf(p)), key}
	for _, m := range ahead {
		keys = append(keys, string(m.ID), strconv.FormatInt(int64(m.Revision), 10), statusKey(m, now))
	}
	return d.digestOf(job.Audience.Digest.Kind, p, now, ahead, changes), strings.Join(keys, ":"), nil
}

// digestOf writes a digest.
func (d *Desk) digestOf(kind store.DigestKind, p store.Person, now time.Time, ahead []store.Meeting, changes []*bot.Reply) *bot.Reply {
	reply := bot.Say("DigestHeading_"+string(kind), "Day", bot.At{Time: now, Style: bot.AtDate})
	section := ""
	for _, m := range ahead[:min(mostListed, len(ahead))] {
		if next := d.digestSection(kind, m, p, now); next != section {
			section = next
			reply.Say(section).Line("DigestItem", "Title", m.Name, "Facts", facts(m, now))
		} else {
			reply.Say("DigestItem", "Title", m.Name, "Facts", facts(m, now))
		}
	}
	if n := len(ahead) - mostListed; n > 0 {
		reply.Say("DigestMore", "Meetings", bot.Count{N: n, Of: "CountMeetings"})
	}
	for i, c := range changes {
		if i == 0 {
			reply.Say("DigestChanges")
		}
		reply.Parts = append(reply.Parts, c.Parts...)
	}
	if len(ahead) <= mostToPress {
		for _, m := range ahead {
			reply.Button("ButtonMeeting", bot.Data("mc", m.ID, fresh), "Title", m.Name)
		}
	} else {
		reply.Button("ButtonMeetings", bot.Data("mt", upcoming, 0))
	}
	return reply.Button("ButtonDigestOff", bot.Data("di", string(kind), false, fresh))
}

// digestSection names the part of a digest in which a meeting stands.
func (d *Desk) digestSection(kind store.DigestKind, m store.Meeting, p store.Person, now time.Time) string {
	days := daysUntil(m, d.zoneOf(p), now)
	switch {
	case kind == store.Weekly:
		return "DigestWeek"
	case days == 0:
		return "DigestToday"
	case days == 1:
		return "DigestTomorrow"
	}
	return "DigestLater"
}

// skipDigest tells why a digest does not go to a person; "" = it does.
func (d *Desk) skipDigest(ctx context.Context, job store.Job, content store.DigestContent, p store.Person) (why string, err error) {
	kind := job.Audience.Digest.Kind
	switch {
	case !p.Wants(kind):
		return "not wanted", nil
	case p.Muted:
		return "muted", nil
	case p.Zone != job.Audience.Digest.Zone:
		return "another zone", nil
	}
	// On Mondays the week says it all.
	date, err := time.Parse(time.DateOnly, content.Date)
	if err != nil {
		return "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	if kind == store.Daily && date.Weekday() == time.Monday && p.Wants(store.Weekly) {
		return "weekly", nil
	}
	// Who travelled since eight o'clock meets the same eight o'clock again.
	letters, err := d.store.LettersOf(ctx, p.ID)
	if err != nil {
		return "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	told := slices.ContainsFunc(letters, func(l store.Recipient) bool {
		came := l.State == store.Sent || l.State == store.Unknown
		return came && l.Job != job.ID && strings.HasPrefix(string(l.Job), store.DigestsOn(kind, content.Date))
	})
	if told {
		return "told already", nil
	}
	return "", nil
}

// aheadOf lists the meetings of a digest: those that the person follows, may see and did not mute, by start.
func (d *Desk) aheadOf(ctx context.Context, kind store.DigestKind, p store.Person, now time.Time) ([]store.Meeting, error) {
	all, err := d.store.VisibleMeetings(ctx, p)
	if err != nil {
		return nil, err
	}
	days, zone := dailyDays, d.zoneOf(p)
	if kind == store.Weekly {
		days = weeklyDays
	}
	return keep(all, func(m store.Meeting) bool {
		return m.Upcoming(now) && p.FollowsMeeting(m) && !slices.Contains(p.MutedOnes, m.ID) && daysUntil(m, zone, now) < days
	}), nil
}

// changesOf tells the news of a digest as they stand now: the net change of each meeting, and new ones that are not listed
// anyway. Equal keys mean equal news.
func (d *Desk) changesOf(ctx context.Context, news []store.News, p store.Person, listed []store.Meeting) (changes []*bot.Reply, key string, err error) {
	var keys []string
	done := map[store.MeetingID]bool{}
	for _, n := range news {
		// The first word on a meeting says what it was before all the others.
		if done[n.Meeting] || len(changes) == mostNews {
			continue
		}
		done[n.Meeting] = true
		m, err := d.store.Meeting(ctx, n.Meeting, p)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		isListed := slices.ContainsFunc(listed, func(l store.Meeting) bool { return l.ID == m.ID })
		if m.Over(d.now()) || n.Kind == store.JobNew && isListed {
			continue
		}
		reply, err := d.sumUp(n, news, m, p)
		if err != nil {
			return nil, "", err
		}
		if reply != nil {
			changes, keys = append(changes, reply), append(keys, string(n.Job), strconv.FormatInt(int64(m.Revision), 10))
		}
	}
	return changes, strings.Join(keys, ":"), nil
}

// sumUp tells what the news of a meeting come to, of which n is the first. Of one that was called off it says for when it was planned
// in the end: the reader was told of each move, and the date of the last digest may be that of yesterday.
func (d *Desk) sumUp(n store.News, news []store.News, m store.Meeting, p store.Person) (*bot.Reply, error) {
	if callsOff(m) {
		for _, last := range slices.Backward(news) {
			if last.Meeting != m.ID {
				continue
			}
			if reply, err := d.news(last, m, p); reply != nil || err != nil {
				return reply, err
			}
		}
	}
	return d.news(n, m, p)
}
