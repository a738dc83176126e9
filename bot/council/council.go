// Package council is the catalogue: the Council, its bodies, people, organizations and facts, each with the texts it comes
// from, and the meetings those texts tell of.
//
// The catalogue is one YAML file. The shipped one is embedded; an operator may replace it. Reading is strict: an unknown
// field, a doubled id, an impossible date or a reference to nothing is a mistake with its line and column, all mistakes
// are told at once, and of a file with mistakes nothing is used. A loaded [Catalogue] never changes and may be shared.
package council

import (
	"bytes"
	_ "embed" // for the shipped catalogue and the examples
	"fmt"
	"slices"
	"sync"

	"recbot/store"
)

// Catalogue is what is known beside the meetings in the store. It must not be changed.
type Catalogue struct {
	Timezone      string // IANA name; the Council's own
	Council       Council
	Bodies        []Body // in the order in which they are shown
	Organizations []Organization
	People        []Person
	Figures       []Figure
	FAQ           []store.FAQ
	Contacts      []Contact
	Sources       []Source
	Meetings      []store.Meeting // as the file has them; the store holds the ones people see
	Warnings      []Problem       // what is readable but not right
}

// Council describes the Council as a whole.
type Council struct {
	ID           string // rec
	Name         store.Text
	ShortName    store.Text
	Abbreviation store.Text
	Aliases      Aliases
	Sources      []string
	About        Fact
	Structure    Fact
	DecisionRule Fact
	Partners     Fact // IDs are the organizations that the text introduces
	History      []Milestone
}

// Aliases are other names people type, by language. They are for search and never shown.
type Aliases = map[store.Lang][]string

// Fact is a statement with the ids of its sources. The zero Fact says nothing.
type Fact struct {
	IDs     []string // organizations it is about, if any
	Text    store.Text
	Sources []string
}

// Milestone is an event of the Council's history. Date is a day (2006-01-02), a month (2006-01) or a year.
type Milestone struct {
	ID      string
	Date    string
	Text    store.Text
	Sources []string
}

// Body is the Executive Committee or a working group.
type Body struct {
	ID        string
	Letter    string // of a working group, else ""
	Name      store.Text
	ShortName store.Text
	Scope     store.Text
	Aliases   Aliases
	Sources   []string
}

// Organization is a state, a government body or an international organization.
type Organization struct {
	ID           string
	Kind         string // state, government, international
	Name         store.Text
	ShortName    store.Text
	Abbreviation store.Text
	Aliases      Aliases
	Sources      []string
}

// Person is somebody whom the texts name, with the title they had on the day AsOf.
type Person struct {
	ID           string
	Name         store.Text
	Title        store.Text
	Organization string // id, or ""
	Aliases      Aliases
	AsOf         string // 2006-01-02
	Sources      []string
}

// Figure is a number and how to say it.
type Figure struct {
	ID        string
	Value     int
	Qualifier string // more_than, about; "" = exact
	Unit      string
	Since     string // a year, or ""
	Text      store.Text
	Sources   []string
}

// Contact is a contact that the organizers published; every field but the name may be "".
type Contact struct {
	Name     store.Text
	Email    string
	Phone    string
	Telegram string
	URL      string
}

// Source is a text from which facts come.
type Source struct {
	ID        string
	File      string // for the keepers of the catalogue; not shown
	Kind      string // report, announcement
	Name      store.Text
	Publisher string // "" = not known
	Date      string // 2006-01-02; "" = not known
}

//go:embed council.yaml
var shipped []byte

//go:embed example-meetings.yaml
var examples []byte

// Embedded is the shipped catalogue. It panics if that cannot be read, which a test rules out.
func Embedded() *Catalogue { return embedded() }

var embedded = sync.OnceValue(func() *Catalogue {
	c, err := Load(bytes.NewReader(shipped))
	if err != nil {
		panic(fmt.Sprintf("the shipped catalogue: %v", err))
	}
	return c
})

// ExampleMeetings are invented meetings for demonstrations and tests, each marked as a fixture. Never show them in a bot
// that people rely on.
func ExampleMeetings() []store.Meeting {
	f, err := ParseMeetings(bytes.NewReader(examples), Embedded())
	if err != nil {
		panic(fmt.Sprintf("the example meetings: %v", err))
	}
	return f.Meetings
}

// Body gives a body by its id. The Council itself is no body.
func (c *Catalogue) Body(id string) (Body, bool) {
	return find(c.Bodies, func(b Body) bool { return b.ID == id })
}

// Organization gives an organization by its id.
func (c *Catalogue) Organization(id string) (Organization, bool) {
	return find(c.Organizations, func(o Organization) bool { return o.ID == id })
}

// Person gives a person by their id.
func (c *Catalogue) Person(id string) (Person, bool) {
	return find(c.People, func(p Person) bool { return p.ID == id })
}

// Source gives a source by its id.
func (c *Catalogue) Source(id string) (Source, bool) {
	return find(c.Sources, func(s Source) bool { return s.ID == id })
}

// find looks through a list. The lists have some thirty entries, which is less work than hashing an id.
func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}
