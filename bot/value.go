package bot

import (
	"fmt"
	"time"

	"recbot/store"
)

// Values are the values of a message by their names in the template.
type Values map[string]Value

// Value is one typed value; exactly one field is set. `locales` picks language and script, formats and escapes it.
type Value struct {
	Text   store.Text `json:"text,omitempty"` // content of the catalogue or a meeting, in all its languages
	HTML   HTML       `json:"html,omitempty"` // the same, formatted
	Raw    *string    `json:"raw,omitempty"`  // a person's own words, or a name that is the same everywhere
	When   *When      `json:"when,omitempty"`
	At     *At        `json:"at,omitempty"`
	Span   *Span      `json:"span,omitempty"`
	Count  *Count     `json:"count,omitempty"`
	Link   *Link      `json:"link,omitempty"`
	Zone   *string    `json:"zone,omitempty"`   // a time zone as people name it: "Tashkent, UTC+5"
	Phrase *Part      `json:"phrase,omitempty"` // another message, e.g. the name of a status
	List   []Value    `json:"list,omitempty"`   // joined with commas
	Lines  []Part     `json:"lines,omitempty"`  // joined with line breaks
}

// When is the date of something: local date, hours if known, zone. It is shown in the host's zone and, where that differs
// and the hour is known, in the reader's.
type When struct {
	Date, EndDate string // 2006-01-02; EndDate "" = the same day
	Start, End    string // 15:04; Start "" = hour not known: none is ever shown
	Zone          string
	Style         WhenStyle
}

// WhenStyle says how much of a date is shown.
type WhenStyle uint8

// The styles. See council terms: full date, list date, hours.
const (
	WhenFull   WhenStyle = iota // weekday, date, hours with the zone's name, and the reader's time when it differs
	WhenShort                   // 09.12.2026, 10:00 (reader's time); for lists and buttons
	WhenDate                    // date with weekday, no hours
	WhenHours                   // 09:30–10:00 in the host's zone; for agenda items
	WhenReader                  // full, in the reader's zone only: for notices, which say "your time" where it is not the host's
	WhenMonth                   // November 2024
	WhenOn                      // on Wednesday, 27 November 2024: inside a sentence, no hours
	WhenClock                   // 10:00–17:00 (Tashkent time, UTC+5), and the reader's hours when they differ; "" if not known
)

// At is an instant, shown in the reader's zone.
type At struct {
	Time  time.Time
	Style AtStyle
}

// AtStyle says how much of an instant is shown.
type AtStyle uint8

// The styles.
const (
	AtClock AtStyle = iota // 14:05
	AtDate                 // long date
	AtFull                 // long date and clock
)

// Span is a length of time in words. It is shown in its largest whole unit, for In in at most two ("2 hours 20 minutes").
type Span struct {
	Length time.Duration
	Style  SpanStyle
}

// SpanStyle says which words go around a length of time.
type SpanStyle uint8

// The styles.
const (
	SpanIn     SpanStyle = iota // in 20 minutes
	SpanBefore                  // 1 day before
	SpanPlain                   // 1 day
	SpanAgo                     // 2 hours ago
)

// Count is a number with a counted noun. Of names the message with the plural forms, e.g. "CountMeetings"; "" gives the
// number alone. The first Count of a part also chooses the part's own plural form.
type Count struct {
	N  int
	Of string
}

// Link is a clickable text. Text or Key is its label; with neither the address itself is shown.
type Link struct {
	URL  string
	Text store.Text
	Key  string
}

// HTML is a text in one or more languages that is formatted already: well-formed HTML with Telegram's tags alone, everything
// else in it escaped, as [Update] brings it.
type HTML store.Text

// Raw marks a person's own words.
type Raw string

// ZoneName marks a time zone to be named, see [store.LoadZone].
type ZoneName string

// V makes a Value of a Go value: store.Text, HTML, Raw, string (as Raw), int (as Count without noun), When, At, Span, Count, Link, ZoneName,
// Part (as Phrase), []Value (as List), []Part (as Lines) or Value. Another type is a mistake of the program: it panics.
func V(v any) Value {
	switch v := v.(type) {
	case Value:
		return v
	case store.Text:
		return Value{Text: v}
	case HTML:
		return Value{HTML: v}
	case string:
		return Value{Raw: &v}
	case Raw:
		s := string(v)
		return Value{Raw: &s}
	case int:
		return Value{Count: &Count{N: v}}
	case When:
		return Value{When: &v}
	case At:
		return Value{At: &v}
	case Span:
		return Value{Span: &v}
	case Count:
		return Value{Count: &v}
	case Link:
		return Value{Link: &v}
	case ZoneName:
		s := string(v)
		return Value{Zone: &s}
	case Part:
		return Value{Phrase: &v}
	case []Value:
		return Value{List: v}
	case []Part:
		return Value{Lines: v}
	}
	panic(fmt.Sprintf("a value of type %T cannot be said", v))
}

func values(pairs []any) Values {
	if len(pairs) == 0 {
		return nil
	}
	vs := make(Values, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		vs[pairs[i].(string)] = V(pairs[i+1])
	}
	return vs
}

// WhenOf is the date of a meeting.
func WhenOf(m store.Meeting, style WhenStyle) When {
	return When{Date: m.Date, EndDate: m.EndDate, Start: m.StartHour, End: m.EndHour, Zone: m.Zone, Style: style}
}
