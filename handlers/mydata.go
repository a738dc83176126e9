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

// /mydata and my: what is kept of a person, in words and as a file, and the way to have it erased.
var _ = command(spec{Name: "mydata", Order: 110, Buttons: []string{"my"}, Run: (*Desk).myData, Press: (*Desk).pressMyData})

// asFile asks for everything as a file: my:file; asName for the question what colleagues shall call the person: my:name.
const (
	asFile = "file"
	asName = "name"
)

// export is everything that is kept of a person. Its field names are part of what people download: do not rename them.
type export struct {
	Person  store.Person   `json:"person"`
	Flow    *store.Flow    `json:"open_conversation,omitempty"`
	Invites []store.Invite `json:"open_invitations,omitempty"`
	Drafts  []store.Draft  `json:"announcements,omitempty"`
	// Questions are those that went to the organizers, Asking those that may still be sent.
	Questions []sentQuestion `json:"questions,omitempty"`
	Asking    []store.Asking `json:"questions_not_sent,omitempty"`
	Blocked   bool           `json:"questions_blocked,omitempty"`
	Letters   []sentLetter   `json:"messages_sent,omitempty"`
	// noted counts all that is noted of messages, those in Letters and those that must not stand there.
	noted int
}

// sentQuestion is a question to the organizers as its author gets it back: who answered is not for them. Its names are part of
// the file, too.
type sentQuestion struct {
	N       int                 `json:"number"`
	At      time.Time           `json:"at"`
	Text    string              `json:"text"`
	Meeting store.MeetingID     `json:"meeting,omitempty"`
	State   store.QuestionState `json:"state,omitempty"`
	Answers []string            `json:"answers,omitempty"`
}

// sentLetter is what is noted of a message that was sent, or may have been. Its names are part of the file, too.
type sentLetter struct {
	Kind    store.JobKind   `json:"kind"`
	State   store.State     `json:"state"`
	At      time.Time       `json:"at"` // when that became known
	Meeting store.MeetingID `json:"meeting,omitempty"`
}

// myData says in words what is kept of the person.
func (d *Desk) myData(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	data, err := d.export(ctx, r)
	if err != nil {
		return nil, err
	}
	names, err := d.followed(ctx, r)
	if err != nil {
		return nil, err
	}
	p := r.Person
	zone := d.zoneOf(p)
	reply := bot.Say("MyDataHeading").
		Say("MyDataID", "ID", strconv.FormatInt(int64(p.ID), 10)).
		Line("SettingsLanguage", "Name", ownName(p.Language)).
		Line("SettingsZone", "Zone", bot.ZoneName(zone), "Clock", clockIn(zone, r.Now)).
		Line("MyDataRole", "Role", phrase("Role_"+string(roleOf(p))))
	if member := d.bodies(p.MemberOf); len(member) > 0 {
		reply.Line("MyDataMember", "Bodies", member)
	}
	d.myWork(r, reply, data)
	if len(names) == 0 {
		reply.Say("FollowsNone")
	} else {
		reply.Say("FollowsLine", "Topics", names)
	}
	d.myReminders(r, reply)
	if data.noted > 0 {
		reply.Line("MyDataLetters", "N", bot.Raw(strconv.Itoa(data.noted)))
	}
	reply.Say("MyDataSince", "At", bot.At{Time: p.Since, Style: bot.AtDate})
	if !p.LastLook.IsZero() {
		reply.Line("MyDataLastLook", "At", bot.At{Time: p.LastLook, Style: bot.AtFull})
	}
	if n := len(data.Questions) + len(data.Asking); n > 0 {
		reply.Line("MyDataQuestions", "N", n)
	}
	if data.Blocked {
		reply.Line("MyDataBlocked")
	}
	// What was answered so far may be of any kind and is shown in the file only.
	if n := len(data.Drafts); n > 0 {
		reply.Line("MyDataDrafts", "N", n)
	}
	if data.Flow != nil {
		reply.Line("MyDataFlow")
	}
	if mayHaveName(p) {
		reply.Say("MyDataNothingElseWork").Button("ButtonName", bot.Data("my", asName))
	} else {
		reply.Say("MyDataNothingElse")
	}
	return reply.Button("ButtonMyDataFile", bot.Data("my", asFile)).
		Button("ButtonForget", bot.Data("fg")).Row(menuButton()), nil
}

// myWork adds what is kept of those only who run things.
func (d *Desk) myWork(r *bot.Request, reply *bot.Reply, data export) {
	if r.Person.Name != "" {
		reply.Line("MyDataName", "Name", bot.Raw(r.Person.Name))
	}
	if n := len(data.Invites); n > 0 {
		reply.Line("MyDataInvites", "N", bot.Raw(strconv.Itoa(n)))
	}
}

// myReminders adds the settings of what comes, and what does not.
func (d *Desk) myReminders(r *bot.Request, reply *bot.Reply) {
	p := r.Person
	reply.Line(leadsKey(p), "Leads", leadNames(p))
	if p.Quiet.Off {
		reply.Line("QuietOffLine")
	} else {
		reply.Line("QuietLine", "From", hour(p.Quiet.From), "To", hour(p.Quiet.To))
	}
	if len(p.Digests) > 0 {
		reply.Line("DigestsLine", "Digests", digestNames(p))
	}
	// Counted, not named: a meeting that the person may no longer see must not show up here either.
	if n := len(p.MutedOnes); n > 0 {
		reply.Line("MyDataMuted", "Meetings", bot.Count{N: n, Of: "CountMeetings"})
	}
	if n := len(p.Wished); n > 0 {
		reply.Line("MyDataWished", "Meetings", bot.Count{N: n, Of: "CountMeetings"})
	}
	silence(reply, p)
}

// pressMyData handles my, my:file and my:name.
func (d *Desk) pressMyData(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch {
	case r.Arg(0) == asName && mayHaveName(r.Person):
		return d.talks.Start(ctx, r, nameFlow)
	case r.Arg(0) != asFile:
		return editing(d.myData(ctx, r))
	}
	data, err := d.export(ctx, r)
	if err != nil {
		return nil, err
	}
	content, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("exporting a person: %w", err)
	}
	reply := bot.Say("MyDataFile")
	reply.File = &bot.File{Name: "recbot-data.json", Mime: "application/json", Data: append(content, '\n')}
	return reply, nil
}

// export gathers the data. The revision is the store's own and says nothing about the person.
func (d *Desk) export(ctx context.Context, r *bot.Request) (export, error) {
	data := export{Person: r.Person}
	f, err := d.store.Flow(ctx, r.Chat)
	switch {
	case err == nil:
		data.Flow = &f
	case !errors.Is(err, store.ErrNotFound):
		return data, fmt.Errorf("exporting a person: %w", err)
	}
	if data.Letters, data.noted, err = d.letters(ctx, r); err != nil {
		return data, err
	}
	if err := d.exportQuestions(ctx, r, &data); err != nil {
		return data, fmt.Errorf("exporting a person: %w", err)
	}
	// Also of who is an organizer no more: what they composed stays for some days.
	drafts, err := d.store.Drafts(ctx)
	if err != nil {
		return data, fmt.Errorf("exporting a person: %w", err)
	}
	data.Drafts = slices.DeleteFunc(drafts, func(draft store.Draft) bool { return draft.By != r.Person.ID })
	if !r.Person.Role.AtLeast(store.Organizer) {
		return data, nil
	}
	open, err := d.store.OpenInvites(ctx)
	if err != nil {
		return data, fmt.Errorf("exporting a person: %w", err)
	}
	data.Invites = slices.DeleteFunc(open, func(i store.Invite) bool { return i.By != r.Person.ID })
	return data, nil
}

// exportQuestions adds what the person asked. Of a meeting that they may not see any more nothing is said.
func (d *Desk) exportQuestions(ctx context.Context, r *bot.Request, data *export) (err error) {
	all, err := d.store.QuestionsOf(ctx, r.Person.ID)
	if err != nil {
		return err
	}
	for _, q := range all {
		sent := sentQuestion{N: q.N, At: q.At, Text: q.Text, State: q.State}
		if _, err := d.store.Meeting(ctx, q.Meeting, r.Person); err == nil {
			sent.Meeting = q.Meeting
		}
		for _, g := range q.Answers {
			sent.Answers = append(sent.Answers, g.HTML)
		}
		data.Questions = append(data.Questions, sent)
	}
	if data.Asking, err = d.store.Askings(ctx, r.Person.ID); err != nil {
		return err
	}
	for i := range data.Asking { // what was said under it, and what it was understood as, is not theirs
		a := &data.Asking[i]
		*a = store.Asking{Update: a.Update, Message: a.Message, Text: a.Text, Lang: a.Lang, At: a.At}
	}
	data.Blocked, err = d.store.IsBlocked(ctx, r.Person.ID)
	return err
}

// letters gives what is noted of the messages that reached the person or may have, and how many are noted in all. The others
// wait for a look at who may see their meeting, or were skipped after it: what they are about would tell of meetings that are
// closed to the person. For the same reason the meeting of a message is left out when they may not see it any more.
func (d *Desk) letters(ctx context.Context, r *bot.Request) (sent []sentLetter, noted int, err error) {
	all, err := d.store.LettersOf(ctx, r.Person.ID)
	if err != nil {
		return nil, 0, fmt.Errorf("exporting a person: %w", err)
	}
	for _, l := range all {
		if l.State != store.Sent && l.State != store.Unknown {
			continue
		}
		kind, meeting := l.Job.About()
		if meeting != "" {
			_, err := d.store.Meeting(ctx, meeting, r.Person)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, 0, fmt.Errorf("exporting a person: %w", err)
			}
			if err != nil {
				meeting = ""
			}
		}
		sent = append(sent, sentLetter{Kind: kind, State: l.State, At: l.At, Meeting: meeting})
	}
	return sent, len(all), nil
}
