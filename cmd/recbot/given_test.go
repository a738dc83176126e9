package main

import (
	"fmt"
	"strconv"
	"strings"

	"recbot/store"
)

// given makes a person who need not be introduced: "in ru, zone Asia/Bishkek, follows wg-b rec, member of wg-b,
// role delegate, leads 1d 1h 15m, digests daily weekly, muted, stopped, quiet off".
func (p *player) given(s *step) error {
	person := store.Newcomer(0, store.English, p.w.clock.Now())
	person.Welcomed, person.Topics = true, nil
	for _, clause := range strings.Split(s.rest, ",") {
		if err := applyClause(&person, strings.Fields(clause)); err != nil {
			return err
		}
	}
	person.ID = p.w.join(s.who, string(person.Language), true)
	s2 := p.w.life.app.store
	if _, err := s2.Greet(p.t.Context(), store.Newcomer(person.ID, person.Language, person.Since)); err != nil {
		return err
	}
	_, err := s2.ChangePerson(p.t.Context(), person.ID, store.Cause{}, func(old *store.Person) error {
		person.Rev = old.Rev
		*old = person
		return nil
	})
	p.w.settle()
	return err
}

func applyClause(person *store.Person, words []string) error {
	if len(words) == 0 {
		return nil
	}
	rest := words[1:]
	switch words[0] {
	case "in":
		person.Language = store.Lang(rest[0])
	case "zone":
		person.Zone = rest[0]
	case "follows":
		for _, t := range rest {
			person.Topics = append(person.Topics, store.Topic(t))
		}
	case "member":
		person.MemberOf = append(person.MemberOf, rest[1:]...)
	case "coordinates":
		person.Coordinates = append(person.Coordinates, rest...)
	case "named":
		person.Name = strings.Join(rest, " ")
	case "role":
		person.Role = store.Role(rest[0])
	case "leads":
		return setLeads(person, rest)
	case "digests":
		for _, kind := range rest {
			person.Digests = append(person.Digests, store.DigestKind(kind))
		}
	case "muted":
		person.Muted = true
	case "stopped":
		person.Stopped = true
	case "quiet":
		person.Quiet.Off = rest[0] == "off"
	default:
		return fmt.Errorf("given: %q is not known", strings.Join(words, " "))
	}
	return nil
}

func setLeads(person *store.Person, words []string) error {
	person.Leads = nil
	units := map[byte]store.Lead{'m': 1, 'h': 60, 'd': 24 * 60}
	for _, w := range words {
		if w == "none" {
			return nil
		}
		n, err := strconv.Atoi(w[:len(w)-1])
		if err != nil {
			return fmt.Errorf("lead %q: write 15m, 1h or 1d", w)
		}
		person.Leads = append(person.Leads, store.Lead(n)*units[w[len(w)-1]])
	}
	return nil
}

// meeting publishes a meeting, or changes one that the script published before: "ID Wed 2027-03-03 [10:00[-12:00]]
// [group wg-b] [for wg-b|delegates] [zone Z] [online] [city C] [sessions N] [cancelled] [silent]".
func (p *player) meeting(s *step) error {
	words := strings.Fields(s.rest)
	if len(words) < 3 {
		return fmt.Errorf("meeting %s: write meeting ID Wed 2027-03-03 10:00", s.rest)
	}
	id := store.MeetingID(words[0])
	if _, err := parseInstant(words[1]+" "+words[2]+" 00:00", p.zone); err != nil {
		return err
	}
	m := store.Meeting{ID: id, UID: words[0] + "@recbot", Kind: "working_group_meeting", Bodies: []string{"rec"}, Date: words[2],
		Zone: "Asia/Tashkent", Attendance: store.InPerson, Status: store.Confirmed, Visibility: store.Public,
		Name:     store.Text{"en": "Meeting " + words[0], "ru": "Заседание " + words[0], "uz": "Yigʻilish " + words[0]},
		Location: store.Location{City: store.Text{"en": "Tashkent", "ru": "Ташкент", "uz": "Toshkent"}}}
	opt, err := describe(&m, words[3:])
	if err != nil {
		return err
	}
	if old, ok := p.w.meetings[id]; ok {
		m.Sequence = old.Sequence + 1
	}
	p.w.meetings[id] = m
	report, err := p.w.life.app.store.Import(p.t.Context(), []store.Meeting{m}, opt)
	if err == nil && len(report.Conflicts) > 0 {
		err = fmt.Errorf("meeting %s: %s", id, report.Conflicts[0].Reason)
	}
	p.w.life.app.runner.Wake()
	p.w.settle()
	return err
}

// sessions are an agenda whose titles are as long as those of a real one.
func sessions(n int) (agenda []store.AgendaItem) {
	for i := range n {
		agenda = append(agenda, store.AgendaItem{ID: fmt.Sprintf("s-%d", i+1), Kind: "session", Title: store.Text{
			"en": fmt.Sprintf("Session %d: experience of the region in rehabilitation and reintegration", i+1),
			"ru": fmt.Sprintf("Сессия %d: опыт стран региона в реабилитации и реинтеграции", i+1),
			"uz": fmt.Sprintf("%d-sessiya: mintaqa davlatlarining reabilitatsiya va reintegratsiya tajribasi", i+1),
		}})
	}
	return agenda
}

func describe(m *store.Meeting, words []string) (opt store.ImportOptions, err error) {
	for i := 0; i < len(words); i++ {
		next := func() string { i++; return words[min(i, len(words)-1)] }
		switch w := words[i]; {
		case w[0] >= '0' && w[0] <= '9':
			m.StartHour, m.EndHour, _ = strings.Cut(w, "-")
		case w == "to":
			m.EndDate = next()
		case w == "group":
			m.Bodies = strings.Split(next(), "+")
		case w == "zone":
			m.Zone = next()
		case w == "for":
			m.Visibility, m.Bound = store.Restricted, []string{next()}
			if m.Bound[0] == "delegates" {
				m.Visibility, m.Bound = store.Delegates, nil
			}
		case w == "online":
			m.Attendance, m.Location = store.Online, store.Location{Online: true}
		case w == "city":
			city := next()
			m.Location = store.Location{City: store.Text{"en": city, "ru": city, "uz": city}}
		case w == "cancelled", w == "postponed", w == "tentative":
			m.Status = store.Status(w)
		case w == "sessions":
			n, err := strconv.Atoi(next())
			if err != nil {
				return opt, fmt.Errorf("meeting: sessions 20: %w", err)
			}
			m.Agenda = sessions(n)
		case w == "silent":
			opt.Silent = "a test"
		default:
			return opt, fmt.Errorf("meeting: %q is not known", w)
		}
	}
	return opt, nil
}
