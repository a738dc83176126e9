package dialog

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
	"recbot/store/boltstore"
)

// chat is a person in a conversation with two flows: order (fruit, then number, then sure) and a short one, zone.
type chat struct {
	t      *testing.T
	runner *Runner
	store  *store.Store
	now    time.Time
	id     store.UpdateID
	taken  []string // answers as the flows took them
	fails  error    // what Take of the fruit step ends with
}

func newChat(t *testing.T) *chat {
	t.Helper()
	c := &chat{t: t, now: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return c.now }
	db, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{Now: clock, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c.store = store.New(db, clock)
	if err := c.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.runner = New(c.store, c.order(), c.zone())
	return c
}

// restart forgets everything that is not in the store.
func (c *chat) restart() { c.runner = New(c.store, c.order(), c.zone()) }

func (c *chat) order() Flow {
	return Flow{Name: "order", Title: "Order", Steps: []Step{
		{Name: "fruit", Ask: c.ask("Fruit", "order", "fruit", "apple", "pear"), Take: c.takeFruit},
		{Name: "number", Ask: c.ask("Number", "order", "number", "1", "2"), Take: func(_ context.Context, t *Talk) (Move, error) {
			c.took("number", t)
			t.Keep("number", t.Value)
			return To("sure").With(func(r *bot.Reply) { r.Menu = true }), nil
		}},
		{Name: "sure", Ask: c.ask("Sure", "order", "sure", "yes", "no"), Take: func(_ context.Context, t *Talk) (Move, error) {
			c.took("sure", t)
			switch t.Value {
			case "yes":
				return End(bot.Say("Ordered", "What", t.Answer("number")+" "+t.Answer("fruit"))), nil
			case "no":
				return To("fruit"), nil
			}
			return Stay(nil), nil
		}},
	}}
}

func (c *chat) takeFruit(_ context.Context, t *Talk) (Move, error) {
	if t.Value == "stone" {
		return Unclear(bot.Say("NoFruit").Button("Apple", Data("order", "fruit", "apple"))), nil
	}
	c.took("fruit", t)
	t.Keep("fruit", t.Value)
	return To("number"), c.fails
}

func (c *chat) zone() Flow {
	return Flow{Name: "zone", Title: "Zone", Lasts: time.Hour, Reopens: true,
		Cancelled: func(context.Context, *bot.Request) (*bot.Reply, error) { return bot.Say("ZoneKept"), nil },
		Steps: []Step{{Name: "which", Ask: c.ask("Zone", "zone", "which", "+5"), Take: func(_ context.Context, t *Talk) (Move, error) {
			c.took("which", t)
			return End(bot.Say("ZoneSet")), nil
		}}}}
}

func (c *chat) ask(key, flow, step string, values ...string) func(context.Context, *Talk) (*bot.Reply, error) {
	return func(_ context.Context, t *Talk) (*bot.Reply, error) {
		reply := bot.Say(key + "?")
		if t.Person.Language != "" {
			reply = bot.Say(key + "?" + string(t.Person.Language))
		}
		for _, v := range values {
			reply.Button(v, Data(flow, step, v))
		}
		return reply.Row(Back(flow), Cancel(flow)), nil
	}
}

func (c *chat) took(step string, t *Talk) { c.taken = append(c.taken, step+"="+t.Value) }

func (c *chat) request() *bot.Request {
	c.id++
	return &bot.Request{Update: bot.Update{ID: c.id, Chat: 7, From: 7, Private: true, Kind: bot.UpdateText}, Now: c.now}
}

func (c *chat) start(name string) string {
	c.t.Helper()
	reply, err := c.runner.Start(c.t.Context(), c.request(), name)
	return c.brief(reply, err)
}

// says types a text; what is not handled stands in brackets.
func (c *chat) says(text string) string {
	c.t.Helper()
	r := c.request()
	r.Text = text
	reply, handled, err := c.runner.Step(c.t.Context(), r)
	if s := c.brief(reply, err); handled {
		return s
	} else if s != "" {
		return "(" + s + ")"
	}
	return "not handled"
}

// presses presses a button.
func (c *chat) presses(data string) string {
	c.t.Helper()
	r := c.request()
	r.Kind, r.Button = bot.UpdateButton, data
	reply, handled, err := c.runner.Step(c.t.Context(), r)
	if !handled {
		c.t.Errorf("button %q was not handled", data)
	}
	return c.brief(reply, err)
}

// brief writes a reply in one line: keys, then marks: *edit, *menu, !toast, +follow-up.
func (c *chat) brief(reply *bot.Reply, err error) string {
	c.t.Helper()
	if err != nil {
		return "error: " + err.Error()
	}
	if reply == nil {
		return ""
	}
	var words []string
	for _, p := range reply.Parts {
		words = append(words, p.Key)
	}
	if reply.Edit {
		words = append(words, "*edit")
	}
	if reply.Menu {
		words = append(words, "*menu")
	}
	if reply.Toast != nil {
		words = append(words, "!"+reply.Toast.Key)
	}
	if reply.Follow != nil {
		words = append(words, "+", c.brief(reply.Follow, nil))
	}
	return strings.Join(words, " ")
}

// expect compares what was said with what is wanted.
func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestAFlowFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	expect(t, "start", c.start("order"), "Fruit?")
	expect(t, "a button", c.presses("fl:order:fruit:apple"), "Number? *edit")
	c.restart()
	expect(t, "a text, after a restart", c.says(" 3 "), "Sure? *menu")
	expect(t, "the last button", c.presses("fl:order:sure:yes"), "Ordered *edit")
	expect(t, "after the end", c.says("3"), "not handled")
	if diff := cmp.Diff([]string{"fruit=apple", "number=3", "sure=yes"}, c.taken); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestUnclearTextsMayBeQuestions(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	expect(t, "a text that is no fruit", c.says("stone"), "(NoFruit)")
	expect(t, "the step is still open", c.says("plum"), "Number?")
}

func TestOldButtons(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		steps []string // pressed one after another; what does not begin with fl: is typed
		want  string   // the last answer
	}{
		{"a button of a step that was answered changes the answer", []string{"apple", "2", "fl:order:fruit:pear"}, "Number? *edit"},
		{"a double tap asks the same once more", []string{"fl:order:fruit:pear", "fl:order:fruit:pear"}, "Number? *edit"},
		{"going on from there, answers are the new ones", []string{"apple", "2", "fl:order:fruit:pear", "2", "fl:order:sure:yes"}, "Ordered *edit"},
		{"a button of a step that is still to come", []string{"fl:order:sure:yes"}, "Fruit? *edit !FlowNotYet"},
		{"a button of a flow that has ended", []string{"apple", "2", "yes", "fl:order:fruit:pear"}, "!FlowClosed"},
		{"a button of a flow that there is not any more", []string{"fl:gone:fruit:pear"}, "!FlowClosed"},
		{"a button that is cut off", []string{"fl"}, "!FlowClosed"},
		{"a button of a flow that opens again", []string{"fl:zone:which:+5"}, "ZoneSet *edit + Fruit?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			c.start("order")
			got := ""
			for _, s := range tc.steps {
				if strings.HasPrefix(s, Prefix) {
					got = c.presses(s)
				} else {
					got = c.says(s)
				}
			}
			expect(t, strings.Join(tc.steps, " "), got, tc.want)
		})
	}
}

func TestBackAndCancel(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	c.says("apple")
	c.says("2")
	expect(t, "back", c.presses("fl:order:-:back"), "Number? *edit")
	expect(t, "back", c.presses("fl:order:-:back"), "Fruit? *edit")
	expect(t, "back at the first step", c.presses("fl:order:-:back"), "Fruit? *edit")
	c.says("apple")
	c.says("2")
	expect(t, "a move to an earlier step", c.presses("fl:order:sure:no"), "Fruit? *edit")
	expect(t, "back from there", c.presses("fl:order:-:back"), "Fruit? *edit")
	expect(t, "cancel", c.presses("fl:order:-:cancel"), "FlowCancelled *edit")
	expect(t, "after that", c.says("apple"), "not handled")
	reply, err := c.runner.Cancel(t.Context(), c.request())
	expect(t, "nothing to cancel", c.brief(reply, err), "")
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	c.now = c.now.Add(Lasts - time.Minute)
	expect(t, "just in time", c.says("apple"), "Number?")
	c.now = c.now.Add(Lasts - time.Minute)
	expect(t, "every answer counts anew", c.says("2"), "Sure? *menu")
	c.now = c.now.Add(Lasts + time.Minute)
	expect(t, "too late", c.says("yes"), "(FlowExpired)")
	expect(t, "said once", c.says("yes"), "not handled")
	expect(t, "a fresh start by button", c.presses("fl:order:-:anew"), "Fruit? *edit")

	c.now = c.now.Add(Lasts + time.Minute)
	expect(t, "an expired flow's button", c.presses("fl:order:fruit:apple"), "Fruit? *edit !FlowExpiredToast")
	expect(t, "which opened it anew", c.says("apple"), "Number?")

	c.start("zone")
	c.now = c.now.Add(2 * time.Hour)
	expect(t, "a button of a flow that reopens never expires", c.presses("fl:zone:which:+5"), "ZoneSet *edit + Number?")
}

func TestAFlowInTheMiddleOfAnother(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	c.says("apple")
	expect(t, "another flow", c.start("zone"), "Zone?")
	expect(t, "its end asks the first one again", c.says("Dushanbe"), "ZoneSet + Number?")
	expect(t, "which goes on", c.says("2"), "Sure? *menu")

	c.start("zone")
	expect(t, "a button of the one put aside gives that back", c.presses("fl:order:number:1"), "Sure? *edit *menu")
	expect(t, "and the other is closed", c.says("no"), "Fruit?")

	c.start("zone")
	expect(t, "cancelling one gives the other back", c.presses("fl:zone:-:cancel"), "ZoneKept *edit + Fruit?")
	c.start("zone")
	c.start("order")
	expect(t, "no flow is open twice", c.presses("fl:order:-:cancel"), "FlowCancelled *edit + Zone?")
	expect(t, "nor put aside twice", c.says("+5"), "ZoneSet")
	expect(t, "after all", c.says("+5"), "not handled")
}

func TestOffer(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	offered := func(reply *bot.Reply, kind bot.UpdateKind) []string {
		r := c.request()
		r.Kind = kind
		got, err := c.runner.Offer(t.Context(), r, reply)
		if err != nil {
			t.Fatal(err)
		}
		var data []string
		for ; got != nil; got = got.Follow {
			for _, row := range got.Rows {
				data = append(data, row[0].Data)
			}
		}
		return data
	}
	if got := offered(bot.Say("Agenda"), bot.UpdateText); got != nil {
		t.Errorf("without a flow: %q", got)
	}
	c.start("order")
	want := []string{"fl:order:-:ask"}
	if diff := cmp.Diff(want, offered(bot.Say("Agenda"), bot.UpdateText)); diff != "" {
		t.Errorf("answer of a command (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, offered(bot.Say("Agenda").Then(bot.Say("More")), bot.UpdateText)); diff != "" {
		t.Errorf("under the last of two messages (-want +got):\n%s", diff)
	}
	if got := offered(bot.Say("Agenda"), bot.UpdateButton); got != nil {
		t.Errorf("under a pressed button: %q", got)
	}
	if got := offered(nil, bot.UpdateText); got != nil {
		t.Errorf("under nothing: %q", got)
	}
	if got := offered(bot.Say("Fruit").Button("Apple", "fl:order:fruit:apple"), bot.UpdateText); len(got) != 1 {
		t.Errorf("where the question stands already: %q", got)
	}
	expect(t, "the button asks again in a message of its own", c.presses("fl:order:-:ask"), "Fruit?")
}

func TestTheSameUpdateTwice(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	c.says("apple")
	c.id--
	expect(t, "a text that comes again answers the same step", c.says("apple"), "Number?")
	c.says("2")
	expect(t, "back", c.presses("fl:order:-:back"), "Number? *edit")
	c.id--
	expect(t, "back that comes again goes no further", c.presses("fl:order:-:back"), "Number? *edit")
	if diff := cmp.Diff([]string{"fruit=apple", "fruit=apple", "number=2"}, c.taken); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestLanguageInTheMiddle(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	c.says("apple")
	r := c.request()
	r.Person.Language = store.Russian
	reply, err := c.runner.Again(t.Context(), r)
	expect(t, "the same step in another language", c.brief(reply, err), "Number?ru")
	c.says("2")
	expect(t, "what was said before the change counts", c.presses("fl:order:sure:yes"), "Ordered *edit")
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	c.start("order")
	c.fails = errors.New("no luck")
	expect(t, "a step that fails", c.says("apple"), "error: step fruit of flow order: no luck")
	c.fails = nil
	expect(t, "stays open", c.says("apple"), "Number?")

	f := store.Flow{Name: "order", Step: "gone", Opened: c.now, Expires: c.now.Add(time.Hour)}
	if err := c.store.SaveFlow(t.Context(), 7, f); err != nil {
		t.Fatal(err)
	}
	expect(t, "a step that there is not any more", c.says("apple"), "not handled")
	f.Name = "gone"
	if err := c.store.SaveFlow(t.Context(), 7, f); err != nil {
		t.Fatal(err)
	}
	expect(t, "a flow that there is not any more", c.says("apple"), "not handled")

	if err := c.store.Backend().Close(); err != nil {
		t.Fatal(err)
	}
	if got := c.says("apple"); !strings.HasPrefix(got, "(error") && !strings.HasPrefix(got, "error") {
		t.Errorf("without a store: %q", got)
	}
}

func TestTwoFlowsOfOneName(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(nil, Flow{Name: "a"}, Flow{Name: "a"})
}
