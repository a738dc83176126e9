package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"recbot/bot"
	"recbot/store"
)

var _ = command(spec{Name: "agenda", Order: 30, Buttons: []string{"ag"},
	Run: (*Desk).agenda, Press: (*Desk).pressAgenda})

// agenda shows the sessions of the meeting that was named, or of the next one that the person may see.
func (d *Desk) agenda(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.oneMeeting(ctx, r, "ag", func(m store.Meeting) *bot.Reply { return d.agendaOf(r, m, "") })
}

// pressAgenda handles ag, which is the next meeting's, and ag:<id>, ag:<id>:n and ag:<id>:<page>.
func (d *Desk) pressAgenda(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	id := store.MeetingID(r.Arg(0))
	if id == "" {
		return editing(d.agenda(ctx, r))
	}
	m, err := d.store.Meeting(ctx, id, r.Person)
	if errors.Is(err, store.ErrNotFound) {
		// An old button must not tell a meeting that was closed to this person from one that never was.
		return meetingNone().Editing(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("agenda of meeting %q: %w", id, err)
	}
	reply := d.agendaOf(r, m, r.Arg(1))
	if r.Arg(1) != fresh {
		reply.Editing()
	}
	return reply, nil
}

// agendaOf shows a page of a meeting's agenda; what is no page number counts as the first one.
func (d *Desk) agendaOf(r *bot.Request, m store.Meeting, arg string) *bot.Reply {
	reply, heading := titled(m), "AgendaHeading"
	if len(m.Agenda) == 0 {
		heading = "CardWhen" // that there is none is said below, and once is enough
	}
	reply.Say(heading, "When", whenOf(m, bot.WhenFull))
	if m.Status != store.Confirmed || m.Over(r.Now) {
		reply.Line("CardStatus", "Status", phrase(statusKey(m, r.Now)))
	}
	if len(m.Agenda) == 0 {
		reply.Say("AgendaNotPublished")
		return tellRows(sayWish(reply, r, m), r, m).Button("ButtonCard", bot.Data("mc", m.ID))
	}
	if m.Announced {
		reply.Say("CardAnnounced")
	}
	if d.otherClock(r.Person, m) {
		reply.Say("AgendaHours")
	}
	cites, pages := d.agendas.of(d, m)
	page := pageOf(arg, len(pages))
	cites.show(reply, pages[page])
	to := func(page int) string { return bot.Data("ag", m.ID, page) }
	reply.Row(pager(page, len(pages), to)...)
	// Who is turning pages wants the next one; to follow is for who has read to the end.
	if page == len(pages)-1 {
		tellRows(reply, r, m)
	}
	return reply.Button("ButtonCard", bot.Data("mc", m.ID))
}

// tellRows puts each of the buttons on a row of its own: their labels are whole sentences.
func tellRows(reply *bot.Reply, r *bot.Request, m store.Meeting) *bot.Reply {
	for _, b := range tellButtons(r, m) {
		reply.Row(b)
	}
	return reply
}

// agendas keeps the pages of agendas: they are the same for every reader, many ask for them in the same hour, and to make
// them takes half of the answer's work. The zero value is ready.
type agendas struct {
	mu   sync.Mutex
	kept map[store.MeetingID]agenda
}

// agenda is the pages of one meeting as it was at a revision. They are shared and never changed.
type agenda struct {
	rev   store.Rev
	cites *citations
	pages [][]block
}

// of gives the pages of a meeting, made anew if it was saved since.
func (a *agendas) of(d *Desk, m store.Meeting) (*citations, [][]block) {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept, ok := a.kept[m.ID]
	if !ok || kept.rev != m.Revision {
		cites := d.citations()
		kept = agenda{m.Revision, cites, paged(d.sessions(cites, m))}
		if a.kept == nil {
			a.kept = make(map[store.MeetingID]agenda)
		}
		a.kept[m.ID] = kept
	}
	return kept.cites, kept.pages
}

// otherClock tells whether the clocks of a meeting whose hour is known show another time than the person's.
func (d *Desk) otherClock(p store.Person, m store.Meeting) bool {
	// The hours are compared, not the names of the zones: for a reader in Dushanbe a meeting in Tashkent needs no remark.
	zone, err := store.LoadZone(d.zoneOf(p))
	if err != nil || m.AllDay() {
		return false
	}
	return m.Start().Format(time.TimeOnly) != m.Start().In(zone).Format(time.TimeOnly)
}

// sessions makes a block of each session, in the order of the agenda. Days are headings where there are several; hours
// are the host's, and said to be.
func (d *Desk) sessions(cites *citations, m store.Meeting) (blocks []block) {
	for i, item := range m.Agenda {
		// Catalogues write the date of a session only where a meeting takes several days.
		date := cmp.Or(item.Date, m.Date)
		b := block{parts: d.session(cites, m, item, date, i+1), cites: item.Sources}
		if m.EndDate != "" {
			b.heading = bot.NewPart("AgendaDay", "Day", bot.When{Date: date, Zone: m.Zone, Style: bot.WhenDate})
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// session says when, what, where and with whom. A session without an hour bears its number instead.
func (d *Desk) session(cites *citations, m store.Meeting, item store.AgendaItem, date string, n int) []bot.Part {
	var parts []bot.Part
	if notes := cites.mark(item.Sources); item.Start != "" {
		hours := bot.When{Date: date, Start: item.Start, End: item.End, Zone: m.Zone, Style: bot.WhenHours}
		parts = append(parts, bot.NewPart("AgendaItemAt", "Hours", hours, "Title", item.Title, "Notes", notes))
	} else {
		parts = append(parts, bot.NewPart("AgendaItem", "N", bot.Raw(strconv.Itoa(n)), "Title", item.Title, "Notes", notes))
	}
	if !item.Room.Empty() {
		parts = append(parts, tight("AgendaRoom", "Room", item.Room))
	}
	if len(item.Speakers) > 0 {
		parts = append(parts, tight("AgendaSpeakers", "Speakers", d.speakers(item.Speakers)))
	}
	if !item.Note.Empty() {
		parts = append(parts, tight("AgendaNote", "Text", item.Note))
	}
	return parts
}

// speakers names the speakers of a session; who was only announced is marked.
func (d *Desk) speakers(all []store.Credit) (names []bot.Value) {
	for _, c := range all {
		name := bot.V(c.Text)
		if p, ok := d.council.Person(c.Person); ok {
			name = bot.V(p.Name)
		}
		if c.Online {
			name = phrase("CreditOnline", "Who", name)
		}
		if c.Announced {
			name = phrase("SpeakerAnnounced", "Who", name)
		}
		names = append(names, name)
	}
	return names
}
