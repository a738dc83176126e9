package handlers

import (
	"context"
	"strconv"
	"strings"
	"time"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// /start: what every conversation with a bot begins with, and where links to it lead.
var _ = command(spec{Name: "start", Hidden: true, Run: (*Desk).start})

// The first conversation: language, zone, what to follow.
const (
	startFlow  = "start"
	stepLang   = "lang"
	stepFollow = "follow"
	valueDone  = "done"
	// startLasts lets a newcomer who was called away go on where they stopped.
	startLasts = 30 * 24 * time.Hour
)

// Start parameters: of t.me links to a meeting and to a body. Any other one may be an invite.
const (
	linkMeeting = "m_"
	linkBody    = "b_"
)

// returning is how long after somebody unblocked the bot a /start still belongs to it: the button that unblocks in Telegram's
// clients sends both, one right after the other.
const returning = time.Minute

// start greets a newcomer and asks what is needed; to anybody else it shows how things stand, and resets nothing.
func (d *Desk) start(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	param := strings.TrimSpace(r.Args)
	if param == "" && greeted(r) {
		return d.menu(ctx, r)
	}
	if param == "" || strings.HasPrefix(param, linkMeeting) || strings.HasPrefix(param, linkBody) {
		return d.welcome(ctx, r, param, "")
	}
	invite, err := d.invited(ctx, r, param)
	if err != nil {
		return nil, err
	}
	by := strconv.FormatInt(int64(invite.by), 10)
	var next *bot.Reply
	switch {
	case !r.Person.Welcomed:
		next, err = d.welcome(ctx, r, "", by)
	case invite.taken && nameless(r.Person):
		next, err = d.talks.Start(ctx, r, nameFlow, keptBy, by)
	case invite.taken: // what they may see now
		err = d.sayNext(ctx, r, invite.reply)
		invite.reply.Row(menuButton())
	default:
		invite.reply.Row(menuButton())
	}
	return invite.reply.Then(next), err
}

// greeted tells whether the person has just unblocked the bot and was answered with all that /start would say. Who came back
// by this very /start was not: then nothing else brought them back.
func greeted(r *bot.Request) bool {
	return r.Away.IsZero() && !r.Person.Back.IsZero() && r.Now.Sub(r.Person.Back) < returning
}

// welcome goes by how far the person has come: the first conversation, what their link leads to, or how things stand. by is
// who invited them, if anybody did.
func (d *Desk) welcome(ctx context.Context, r *bot.Request, param, by string) (*bot.Reply, error) {
	if !r.Person.Welcomed {
		return d.firstSteps(ctx, r, param, by)
	}
	if reply, err := d.goal(ctx, r, param); err != nil || reply != nil {
		return reply, err
	}
	reply := bot.Say("SettingsHeading")
	if err := d.sayMissed(ctx, r, reply); err != nil {
		return nil, err
	}
	return d.standing(ctx, r, reply)
}

// firstSteps begins the first conversation, or goes on with it where it was left. What a link leads to is shown at its end,
// and at once to somebody who comes by a link in the middle of it.
func (d *Desk) firstSteps(ctx context.Context, r *bot.Request, param, by string) (*bot.Reply, error) {
	question, err := d.talks.Again(ctx, r)
	if err != nil {
		return nil, err
	}
	if question == nil {
		return d.talks.Start(ctx, r, startFlow, "goal", param, keptBy, by)
	}
	reply, err := d.goal(ctx, r, param)
	if err != nil || reply == nil {
		return question, err
	}
	return reply.Then(question), nil
}

// goal shows what a link leads to; nil if it leads nowhere in particular.
func (d *Desk) goal(ctx context.Context, r *bot.Request, param string) (*bot.Reply, error) {
	if id, ok := strings.CutPrefix(param, linkMeeting); ok {
		return d.meetingCard(ctx, r, store.MeetingID(id))
	}
	if id, ok := strings.CutPrefix(param, linkBody); ok {
		return d.groupCard(ctx, r, id)
	}
	return nil, nil
}

// startFlow is the first conversation. Each of its answers is kept in the record at once, so whoever stops in the middle
// has what they chose so far. Its buttons do nothing afterwards but show how things stand: the boxes under an old message
// would undo what was set since.
func (d *Desk) startFlow() dialog.Flow {
	steps := []dialog.Step{{Name: stepLang, Ask: askLanguage, Take: d.takeLanguage}}
	steps = append(steps, d.zoneSteps(startFlow, func(context.Context, *dialog.Talk) (dialog.Move, error) {
		return dialog.To(stepFollow), nil
	})...)
	steps = append(steps, dialog.Step{Name: stepFollow, Ask: d.askFollow, Take: d.takeFollow}, d.nameStep(startFlow, d.finishStart))
	return dialog.Flow{
		Name: startFlow, Title: "FlowStart", Lasts: startLasts, Steps: steps,
		Closed: func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
			return d.standing(ctx, r, bot.Say("SettingsHeading").Toasting("FlowClosed"))
		},
		Cancelled: func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
			return d.standing(ctx, r, bot.Say("StartCancelled"))
		},
	}
}

// askLanguage greets in the guessed language; every language is named in itself.
func askLanguage(_ context.Context, t *dialog.Talk) (*bot.Reply, error) {
	reply := bot.Say("StartGreeting")
	if t.Name != "" {
		reply = bot.Say("StartGreetingNamed", "Name", t.Name)
	}
	reply.Say("StartPurpose").Say("StartChooseLanguage")
	reply.Rows = languageRows(func(l store.Lang) string { return dialog.Data(startFlow, stepLang, string(l)) })
	return reply, nil
}

// takeLanguage takes a button or the typed name of a language.
func (d *Desk) takeLanguage(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	lang, ok := d.findLang(t.Value)
	if !ok {
		reply, err := askLanguage(ctx, t)
		return dialog.Unclear(reply), err
	}
	if err := d.speak(ctx, t.Request, lang); err != nil {
		return dialog.Move{}, err
	}
	return dialog.To(stepZone).With(func(r *bot.Reply) { r.Menu = true }), nil
}

// askFollow shows the boxes. The Council's own meetings are ticked beforehand: they are for everybody.
func (d *Desk) askFollow(_ context.Context, t *dialog.Talk) (*bot.Reply, error) {
	reply := bot.Say("FollowQuestion")
	reply.Rows = d.followBoxes(t.Person, func(topic store.Topic, on bool) string {
		return dialog.Data(startFlow, stepFollow, bot.Data(string(topic), on))
	})
	return reply.Row(dialog.Back(startFlow), bot.Press("ButtonDone", dialog.Data(startFlow, stepFollow, valueDone))), nil
}

// takeFollow takes <topic>:<1|0> of a box, or done. After a box the same question shows the new state.
func (d *Desk) takeFollow(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	topic, want, _ := strings.Cut(t.Value, ":")
	switch {
	case t.Typed:
		reply, err := d.askFollow(ctx, t)
		return dialog.Unclear(reply), err
	case t.Value == valueDone && nameless(t.Person):
		return dialog.To(stepName), nil
	case t.Value == valueDone:
		return d.finishStart(ctx, t, &bot.Reply{})
	}
	_, err := d.follow(ctx, t.Request, store.Topic(topic), want == "1")
	return dialog.Stay(nil), err
}

// finishStart sums up behind what is said already, and then shows what the person came for.
func (d *Desk) finishStart(ctx context.Context, t *dialog.Talk, said *bot.Reply) (dialog.Move, error) {
	err := d.amend(ctx, t.Request, "welcome", func(p *store.Person) error {
		p.Welcomed = true
		return nil
	})
	if err != nil {
		return dialog.Move{}, err
	}
	reply, err := d.summary(ctx, t.Request, said.Say("StartDone"))
	if err != nil {
		return dialog.Move{}, err
	}
	goal, err := d.goal(ctx, t.Request, t.Answer("goal"))
	return dialog.End(reply.Then(goal)), err
}

// Returned greets somebody who blocked the bot and came back: everything is as it was, and what they missed is told.
func (d *Desk) Returned(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if !r.Person.Welcomed {
		return d.welcome(ctx, r, "", "")
	}
	reply := bot.Say("WelcomeBack")
	if err := d.sayMissed(ctx, r, reply); err != nil {
		return nil, err
	}
	return d.summary(ctx, r, reply)
}
