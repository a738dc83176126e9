package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/dialog"
	"recbot/bot/script"
	"recbot/locales"
	"recbot/store"
)

// findPlace recognises the cities of the locales.
func findPlace(words *locales.Catalog) func(string) answer.Finding {
	var cities []answer.City
	for _, p := range words.Places() {
		cities = append(cities, answer.City{Zone: p.Zone, Name: p.Names, Other: p.Aliases})
	}
	return answer.NewPlaces(cities, script.Fold).Find
}

// talk is a person who talks to the desk: typed texts go to the open conversation, commands and buttons to whoever
// answers them, as they do in the bot.
type talk struct {
	*stage
	id   store.PersonID
	name string
	last *bot.Reply // what the bot said last
	same bool       // the next update is the last one once more
}

func (s *stage) talk(id store.PersonID, lang store.Lang) *talk {
	s.t.Helper()
	s.person(id, lang, nil)
	return &talk{stage: s, id: id, name: "Aigul"}
}

// known gives somebody who has been welcomed.
func (s *stage) known(id store.PersonID, lang store.Lang) *talk {
	s.t.Helper()
	k := s.talk(id, lang)
	k.set(func(p *store.Person) { p.Welcomed, p.Zone = true, "Asia/Bishkek" })
	return k
}

func (k *talk) set(change func(*store.Person)) {
	k.t.Helper()
	_, err := k.store.ChangePerson(k.t.Context(), k.id, store.Cause{}, func(p *store.Person) error {
		change(p)
		return nil
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// record reads the person's record.
func (k *talk) record() store.Person {
	k.t.Helper()
	p, err := k.stage.store.Person(k.t.Context(), k.id)
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// says types a text or a command and gives what is said, as the person reads it.
func (k *talk) says(text string) string {
	k.t.Helper()
	r := k.update()
	r.Kind, r.Text = bot.UpdateText, text
	if name, args, _ := strings.Cut(text, " "); strings.HasPrefix(name, "/") {
		r.Command, r.Args = name[1:], args
		for _, c := range k.desk.Commands() {
			if c.Name == r.Command || slices.Contains(c.Aliases, r.Command) {
				reply, err := c.Run(k.t.Context(), r)
				if err == nil {
					reply, err = k.desk.Flows().Offer(k.t.Context(), r, reply)
				}
				return k.hear(r, reply, err)
			}
		}
		reply, err := k.desk.Unknown(k.t.Context(), r)
		return k.hear(r, reply, err)
	}
	reply, _, err := k.desk.Flows().Step(k.t.Context(), r)
	if reply == nil && err == nil {
		reply, err = k.desk.NotUnderstood(k.t.Context(), r)
	}
	return k.hear(r, reply, err)
}

// presses presses a button of what the bot said last, by its label or data.
func (k *talk) presses(button string) string {
	k.t.Helper()
	return k.pressesData(k.find(button))
}

// pressesData presses a button wherever it stands.
func (k *talk) pressesData(data string) string {
	k.t.Helper()
	r := k.update()
	parts := strings.Split(data, ":")
	r.Kind, r.Button, r.Rest = bot.UpdateButton, data, parts[1:]
	if parts[0] == dialog.Prefix {
		reply, _, err := k.desk.Flows().Step(k.t.Context(), r)
		return k.hear(r, reply, err)
	}
	for _, c := range k.desk.Commands() {
		if slices.Contains(c.Buttons, parts[0]) {
			reply, err := c.Press(k.t.Context(), r)
			return k.hear(r, reply, err)
		}
	}
	reply, err := k.desk.Stale(k.t.Context(), r)
	return k.hear(r, reply, err)
}

func (k *talk) update() *bot.Request {
	k.t.Helper()
	if k.same {
		k.count--
		k.same = false
	}
	r := k.request(k.record())
	r.Name = k.name
	return r
}

// hear remembers the reply and gives it as it is read in the language and zone that the person has now.
func (k *talk) hear(r *bot.Request, reply *bot.Reply, err error) string {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("%q %q: %v", r.Text, r.Button, err)
	}
	k.last = reply
	var messages []string
	for ; reply != nil; reply = reply.Follow {
		messages = append(messages, strings.TrimSpace(k.read(r.Person, reply)))
	}
	return strings.Join(messages, "\n----\n")
}

// find gives the data of a button of the last messages.
func (k *talk) find(button string) string {
	k.t.Helper()
	for reply := k.last; reply != nil; reply = reply.Follow {
		for _, row := range reply.Rows {
			for _, b := range row {
				letter := k.mustRender(&bot.Reply{Parts: []bot.Part{bot.NewPart("MenuHeading")}, Rows: [][]bot.Button{{b}}})
				label := strings.TrimLeft(letter.Rows[0][0].Label, "☐☑ ")
				if label == button || b.Data == button {
					return b.Data
				}
			}
		}
	}
	k.t.Fatalf("no button %q under %v", button, k.last)
	return ""
}

func (k *talk) mustRender(reply *bot.Reply) *bot.Letter {
	k.t.Helper()
	p := k.record()
	letter, err := k.words.Render(reply, locales.Reader{Chat: 1, Lang: p.Language, Zone: p.Zone, CouncilZone: tashkent}, k.now)
	if err != nil {
		k.t.Fatal(err)
	}
	return letter
}

// hears fails unless everything wanted stands in what was said.
func hears(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is not said in:\n%s", w, got)
		}
	}
}

// misses fails if something unwanted stands in what was said.
func misses(t *testing.T, got string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(got, w) {
			t.Errorf("%q is said in:\n%s", w, got)
		}
	}
}
