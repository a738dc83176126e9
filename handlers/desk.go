// Package handlers is what the bot does: one file per command or flow.
//
// A command is added with one file here and its messages in `locales`: the file registers it with [command], and menu,
// /help, the role gate and the routing of questions follow from that. Handlers read the store and give back a
// [bot.Reply] made of message keys and typed values. They never send, hold no user-visible words, take the time from the
// request, and may be run twice for one update: what they change they change under [bot.Request.Cause], and buttons
// carry the wanted state. A handler that changes the person's record puts the new one into the request, so that the
// reply is rendered in the new language and zone.
package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/council"
	"recbot/bot/dialog"
	"recbot/store"
)

// Options are what a [Desk] works with. Fields without a remark are needed.
type Options struct {
	Store   *store.Store
	Council *council.Catalogue
	// Now is the clock for what no request brings its own time for.
	Now func() time.Time
	// Zone is the Council's own time zone, an IANA name: that of a person who has chosen none.
	Zone string
	// FindPlace understands a city, an offset or a zone's name as people type them; see [answer.Places.Find].
	FindPlace func(text string) answer.Finding
	// ReadDate understands a day or an instant as people type them, seen from now in their zone; see [answer.Dates.Read].
	ReadDate func(text string, now time.Time) (answer.Moment, answer.Slip)
	// FindLang reads the name of a language as its button shows it, or its code.
	FindLang func(text string) (store.Lang, bool)
	// LangOf tells what language a text is in; "" = it is not sure. Nil = nobody can tell.
	LangOf func(text string) store.Lang
	// Hold gives the instant until which a letter that falls due at now waits for the person's quiet hours, zero if it does
	// not wait; see broadcast. Nil = nothing waits.
	Hold func(j store.Job, p store.Person, zone string, now time.Time) time.Time
	// Owners are those of the configuration.
	Owners []store.PersonID
	// Link gives the address of the private chat with the bot, https://t.me/<name>.
	Link func() string
	// Tell says something to a person that is no answer and need not arrive. Nil = nothing is said.
	Tell func(ctx context.Context, to store.PersonID, reply *bot.Reply) error
	// Pause is for how long Telegram lets nothing leave but answers; nil = it always does.
	Pause func() time.Duration
	// TableRows is how many people the table of an announcement names, give or take a 64th of all; 0 = 100,000.
	TableRows int
	// Status tells how the process is doing, for its owners; nil = nothing is known.
	Status func(ctx context.Context) Status
}

// Desk answers people.
type Desk struct {
	store     *store.Store
	council   *council.Catalogue
	rows      int // of a table
	now       func() time.Time
	zone      string
	findPlace func(text string) answer.Finding
	readDate  func(text string, now time.Time) (answer.Moment, answer.Slip)
	findLang  func(text string) (store.Lang, bool)
	langOf    func(text string) store.Lang
	hold      func(j store.Job, p store.Person, zone string, now time.Time) time.Time
	owners    []store.PersonID
	link      func() string
	inform    func(ctx context.Context, to store.PersonID, reply *bot.Reply) error
	status    func(ctx context.Context) Status
	pause     func() time.Duration
	talks     *dialog.Runner
	agendas   agendas

	announcing announcing
}

// New returns a desk.
func New(o Options) *Desk {
	d := &Desk{store: o.Store, council: o.Council, now: o.Now, zone: o.Zone, findPlace: o.FindPlace, readDate: o.ReadDate, findLang: o.FindLang, langOf: o.LangOf, hold: o.Hold, owners: o.Owners, link: o.Link, inform: o.Tell, rows: o.TableRows}
	if d.rows == 0 {
		d.rows = tableRows
	}
	if d.hold == nil {
		d.hold = func(store.Job, store.Person, string, time.Time) (leaves time.Time) { return leaves }
	}
	if d.inform == nil {
		d.inform = func(context.Context, store.PersonID, *bot.Reply) error { return nil }
	}
	if d.pause = o.Pause; d.pause == nil {
		d.pause = func() time.Duration { return 0 }
	}
	if d.status = o.Status; d.status == nil {
		d.status = func(context.Context) (nothing Status) { return nothing }
	}
	d.talks = dialog.New(o.Store, d.flows()...)
	return d
}

// action is a handler as a method of the desk, e.g. (*Desk).agenda.
type action func(d *Desk, ctx context.Context, r *bot.Request) (*bot.Reply, error)

// spec is a [bot.Command] before it has a desk; its fields mean the same.
type spec struct {
	Name    string
	Aliases []string
	For     store.Role
	Hidden  bool
	Order   int // tens: menu 10, meetings 20, agenda 30, groups 40, follow 50, reminders 60 ...
	Buttons []string
	Intents []string
	Run     action
	Press   action
}

var specs []spec

// command registers a command. Every file of one calls it at package level:
//
//	var _ = command(spec{Name: "agenda", Order: 30, Buttons: []string{"ag"}, Run: (*Desk).agenda})
func command(s spec) struct{} {
	specs = append(specs, s)
	return struct{}{}
}

// Commands is the table of commands, in the order of the menu.
func (d *Desk) Commands() []bot.Command {
	table := make([]bot.Command, 0, len(specs))
	for _, s := range specs {
		table = append(table, bot.Command{
			Name: s.Name, Aliases: s.Aliases, For: s.For, Hidden: s.Hidden, Order: s.Order,
			Buttons: s.Buttons, Intents: s.Intents, Run: d.bind(s.Run), Press: d.bind(s.Press),
		})
	}
	slices.SortStableFunc(table, func(a, b bot.Command) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name))
	})
	return table
}

// bind gives an action its desk; nil stays nil.
func (d *Desk) bind(do action) bot.Handler {
	if do == nil {
		return nil
	}
	return func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
		reply, err := do(d, ctx, r)
		// What nothing is known of may have been answered by the organizers in words of their own.
		if err == nil && reply != nil && reply.Lacks && r.Ask.Entry != "" && r.Ask.Intent != "faq" {
			reply, err = d.faq(ctx, r)
		}
		return reply, cmp.Or(d.keepAsking(ctx, r, reply, err), err)
	}
}

// Flows runs the conversations of several steps that the commands begin.
func (d *Desk) Flows() *dialog.Runner { return d.talks }

func (d *Desk) flows() []dialog.Flow {
	return []dialog.Flow{d.startFlow(), d.zoneFlow(), d.leadFlow(), d.inviteFlow(), d.nameFlow(), d.textFlow(), d.planFlow(), d.askFlow(), d.answerFlow(), d.entryFlow()}
}

// amend changes the record of the person who asks, once for this update and step, and puts the new record into the
// request.
func (d *Desk) amend(ctx context.Context, r *bot.Request, step string, f func(*store.Person) error) error {
	p, err := d.store.ChangePerson(ctx, r.Person.ID, r.Cause(step), f)
	if err != nil {
		return fmt.Errorf("changing %s: %w", step, err)
	}
	r.Person = p
	return nil
}
