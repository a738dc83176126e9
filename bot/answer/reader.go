package answer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"recbot/store"
)

// Reader understands questions. It is pure, needs nothing but what it has learned, and is safe for use by several
// goroutines.
type Reader struct {
	fold     func(string) string
	lists    *lexicon
	names    *directory
	themes   themes
	byLetter map[int]string
	known    table // hashes of the skeletons of all words that were taught
	tongues  *tongues
	model    *model
	intents  []string // of the model's labels
	// unlettered are the bodies without a letter.
	unlettered map[string]bool
	// isConcept tells which lists are concepts.
	isConcept map[string]bool
}

// Asker is who asks, and when.
type Asker struct {
	Now  time.Time  // in the Council's zone: "tomorrow" is a day there
	Lang store.Lang // the person's own language; "" when not known
	Sees func(store.MeetingID) bool
	// SeesEntry tells which answered questions the person may know of; nil = all.
	SeesEntry func(string) bool
}

// Reading is what a text was understood as. See bot.Question for the meaning of the slots.
type Reading struct {
	Intent, Aspect string
	Meeting        store.MeetingID
	Named          bool
	Body           string
	Topic          string
	Fits           []store.MeetingID
	Person, Org    string
	Lead           store.Lead
	Switch         store.Lang
	Entry          string
	Lang           store.Lang
	LangSure       bool
	// Chance is how likely the intent is thought to be, 0 to 1, and Known the share of the text that was ever taught.
	Chance, Known float64
	// Sure tells that hardly anything else can be meant: enough to leave another conversation for it.
	Sure bool
	// Tells tells that a name or a thing that people ask about stands in the text.
	Tells bool
	// Or is another reading that is about as likely, if there is one.
	Or *Reading
}

// Read understands a text. Whatever the text is, it means something: what is nothing else is off_topic.
func (r *Reader) Read(text string, b *Book, who Asker) Reading {
	s := r.scan(r.fold(text))
	all := keepIf(b.meetings, func(m Meeting) bool { return who.Sees == nil || who.Sees(m.ID) })
	s.findMeetings(b, who)
	c, marks := s.refer(who.Now)
	chances, known := r.chances(s, marks)
	read := func(label string) Reading {
		x := r.fill(label, s, c, marks, all, who.Now)
		x.Known = float64(known)
		return x
	}
	ranked := byIntent(r.model.labels, chances)
	if len(c.days) > 0 && ranked[0].intent() == "list_meetings" && strings.HasPrefix(ranked[1].label, "meeting_") && ranked[1].chance > unlikely {
		ranked[0], ranked[1] = ranked[1], ranked[0] // one day is rarely a list
		ranked[0].chance, ranked[1].chance = ranked[0].chance+ranked[1].chance, 0
	}
	first, second := ranked[0], ranked[1]
	x := read(first.label)
	x.Chance = first.chance
	if x.doubtful() {
		x = read(s.declined())
		x.Chance = 1 - first.chance
	} else if second.chance > 0 && first.chance-second.chance < tie && asks(first) && asks(second) {
		or := read(second.label)
		or.Chance = second.chance
		x.Or = &or
	}
	x.Lang, x.LangSure = r.language(s, who.Lang)
	x.Sure = x.Chance >= sure && asking(ranked) >= sureAsking && x.Known >= sureKnown && len(s.tokens) > 1
	x.Tells = len(s.spans) > 0 || len(r.concepts(s)) > 0
	x.Entry = b.entries.find(r, s, first.label, who.SeesEntry)
	return x
}

// What makes a reading doubtful, and what makes it sure: its chance and the share of the text that was ever taught. They
// were found by measuring, see docs/answers.md.
const (
	doubt      = 0.25
	doubtKnown = 0.22
	tie        = 0.08
	sure       = 0.66
	sureAsking = 0.9 // that it is a question for the bot at all
	sureKnown  = 0.6
)

// doubtful tells that a text should rather not be answered: a wrong fact is worse than none.
func (x Reading) doubtful() bool { return x.Chance < doubt || x.Known < doubtKnown }

// declined is how a text is read that nothing fits: as a question about the Council that nobody has answered if it speaks
// of the Council's things, else as none of the bot's business.
func (s *scan) declined() string {
	if len(s.spans) > 0 || s.says("meeting") || s.says("group") || s.says("council") {
		return "unknown_fact.other"
	}
	return "off_topic.other"
}

// asking is how likely a text is a question for the bot, whichever it is.
func asking(ranked []guess) (sum float64) {
	for _, g := range ranked {
		if !slices.Contains(around, g.intent()) {
			sum += g.chance
		}
	}
	return sum
}

// asks tells whether a guess is a question that has an answer of its own.
func asks(g guess) bool { return !slices.Contains(around, g.intent()) && g.intent() != "unknown_fact" }

// chances gives the probability of every label. Of several sentences the one that asks for something counts most: people
// greet, explain themselves and say thanks around their question.
func (r *Reader) chances(s *scan, marks []mark) (p []float32, known float32) {
	p = make([]float32, len(r.model.labels))
	known = r.sentence(s, marks, 0, len(s.tokens), p)
	if best := r.question(s, marks); best != nil {
		for l := range p {
			p[l] = (1-ofQuestion)*p[l] + ofQuestion*best[l]
			if slices.Contains(around, r.intents[l]) {
				p[l] *= aside
			}
		}
		level(p)
	}
	one := s.one(marks)
	for l := range p {
		if one && r.intents[l] == "list_meetings" {
			p[l] *= aside // who names a meeting asks for no list
		}
		if slices.Contains(wary, r.intents[l]) || slices.Contains(wary, r.model.labels[l]) {
			p[l] *= wariness
		}
	}
	level(p)
	return p, known
}

// wary are the intents and labels of questions that seldom have an answer. To take one for a question that has is to give a
// fact that nobody asked for; so they count more where it is a near thing. How much more was found on phrases that were left
// out of the learning: threefold, false answers halve, and of a hundred questions that have an answer one more is refused.
var wary = []string{"unknown_fact", "off_topic", "meeting_when.hour", "meeting_where.venue", "meeting_join", "meeting_documents", "meeting_practical"}

const wariness = 3

// question gives the probabilities of the sentence that most likely asks for something, nil when there is one sentence only.
func (r *Reader) question(s *scan, marks []mark) (best []float32) {
	parts := s.sentences()
	if len(parts) < 2 {
		return nil
	}
	var most float32
	for _, part := range parts {
		p := make([]float32, len(r.model.labels))
		weight := r.sentence(s, marks, part[0], part[1], p)
		if s.asked(part[1]) {
			weight *= markedQuestion
		}
		var top float32
		for l := range p {
			if !slices.Contains(around, r.intents[l]) {
				top = max(top, p[l])
			}
		}
		if top*weight > most {
			most, best = top*weight, p
		}
	}
	return best
}

// level makes the chances add up to one.
func level(p []float32) {
	var sum float32
	for _, w := range p {
		sum += w
	}
	for l := range p {
		p[l] /= sum
	}
}

// around are the intents that stand around questions, and aside is what is left of a chance that something else speaks
// against. ofQuestion is how much the likeliest question of a text counts beside the whole, markedQuestion how much likelier
// a sentence with a question mark is to be it.
var around = []string{"greeting", "thanks", "off_topic"}

const (
	aside          = 0.25
	ofQuestion     = 0.7
	markedQuestion = 1.5
)

// sentence writes the probability of every label for a stretch of a text, and gives how much of it is known.
func (r *Reader) sentence(s *scan, marks []mark, from, to int, p []float32) (known float32) {
	fs, known := r.model.weigh(features(s.symbols(marks, from, to), nil))
	r.model.chances(fs, p)
	return known
}

// guess is an intent with its likeliest label.
type guess struct {
	label  string
	chance float64 // of the intent, all aspects together
	best   float32
}

// unlikely is the chance below which a reading is not thought of.
const unlikely = 0.1

func (g guess) intent() string {
	intent, _, _ := strings.Cut(g.label, ".")
	return intent
}

// byIntent adds up the labels of each intent and puts the likeliest first.
func byIntent(labels []string, p []float32) []guess {
	sum := map[string]*guess{}
	var all []*guess
	for i, label := range labels {
		intent, _, _ := strings.Cut(label, ".")
		g, ok := sum[intent]
		if !ok {
			g = &guess{}
			sum[intent] = g
			all = append(all, g)
		}
		g.chance += float64(p[i])
		if g.label == "" || p[i] > g.best {
			g.label, g.best = label, p[i]
		}
	}
	slices.SortStableFunc(all, func(a, b *guess) int { return cmp.Compare(b.chance, a.chance) })
	ranked := make([]guess, len(all))
	for i, g := range all {
		ranked[i] = *g
	}
	return ranked
}

// judge gives the intent and aspect of a label, or others where the text says what rules the label out: the classifier weighs
// words, and a mistake in these would be worst.
func (r *Reader) judge(label string, s *scan, c clues) (intent, aspect string) {
	intent, aspect, _ = strings.Cut(label, ".")
	switch lettered := r.isGroup(c.body); {
	case intent == "subscribe" && s.says("notion_stop_news"):
		intent = "unsubscribe" // the opposite of what was wished would be worst
	case intent == "meeting_where" && (s.says("building") || s.says("floor") || s.says("hall") || s.says("address")):
		aspect = "venue" // the city is no answer
	case intent == "council_figures" && len(s.named(SlotCountry)) > 0:
		intent, aspect = "unknown_fact", "country" // the figures are of the region
	case intent == "meeting_participants" && c.body != "" && !c.any():
		intent, aspect = "unknown_fact", "members"
	case intent == "group_next_meeting" && c.past && !c.future && (c.any() || !lettered):
		intent = "meeting_when" // when they met, not when they meet
	case intent == "next_meeting" && lettered:
		intent = "group_next_meeting"
	case intent == "meeting_when" && lettered && !c.past && len(c.days) == 0:
		intent, aspect = "group_next_meeting", ""
	}
	return intent, aspect
}

// fill puts into a reading what its intent needs of the text.
func (r *Reader) fill(label string, s *scan, c clues, marks []mark, all []Meeting, now time.Time) Reading {
	intent, aspect := r.judge(label, s, c)
	x := Reading{Intent: intent, Aspect: aspect}
	x.Body = c.body
	if x.Body == "" && (strings.HasPrefix(intent, "group_") || intent == "subscribe" || intent == "unsubscribe" || s.says("group")) {
		x.Body = s.theme()
		c.body = x.Body
	}
	switch intent {
	case "next_meeting":
		if c.groups && c.body == "" {
			x.Meeting = next(keepIf(all, func(m Meeting) bool { return m.Groups }), now)
		} else {
			x.Meeting = next(all, now)
		}
	case "list_meetings":
		x.Topic, x.Fits = c.list(aspect, all, now, s.typed(marks))
		x.Aspect = ""
	case "meeting_practical":
		x.Topic, x.Aspect = aspect, ""
		x.Meeting, x.Named = c.resolve(all, now, false)
	case "group_next_meeting":
		x.Meeting = next(keepIf(all, func(m Meeting) bool { return x.Body == "" && m.Groups || slices.Contains(m.Bodies, x.Body) }), now)
	case "meeting_where", "meeting_join":
		// A city or the word online is what such a question asks about, not what it names the meeting by.
		c.places, c.online = nil, false
		x.Meeting, x.Named = c.resolve(all, now, false)
	case "person":
		c.online = false
		x.Meeting, x.Named = c.resolve(all, now, false)
		switch {
		case x.Named:
		case aspect != "spoke":
			x.Meeting = ""
		case c.past && !c.future:
			x.Meeting = c.likeliest(keepIf(all, func(m Meeting) bool { return !m.Ends.After(now) }), now)
		}
	case "reminders", "calendar_export", "unknown_fact":
		x.Meeting, x.Named = c.resolve(all, now, false)
		if !x.Named {
			x.Meeting = ""
		}
	default:
		if strings.HasPrefix(intent, "meeting_") {
			x.Meeting, x.Named = c.resolve(all, now, intent == "meeting_outcome")
		}
	}
	r.fillNames(&x, s)
	return x
}

// fillNames takes people, organizations, leads and languages.
func (r *Reader) fillNames(x *Reading, s *scan) {
	x.Person = cmp.Or(s.named(SlotPerson)...)
	x.Org = cmp.Or(append(s.named(SlotOrg), s.named(SlotCountry)...)...)
	if x.Intent == "person" && x.Aspect == "spoke" {
		for _, key := range []string{"opened", "closed", "online"} {
			if s.says(key) {
				x.Aspect = key
				break
			}
		}
	}
	if x.Intent == "reminders" {
		x.Lead = s.lead()
	}
	if x.Intent == "language" {
		for _, l := range []store.Lang{store.UzbekCyrl, store.Uzbek, store.Russian, store.English} {
			if s.says("language_" + string(l)) {
				x.Switch = l
				break
			}
		}
	}
}

// isGroup tells whether a body is one of the groups that have a letter.
func (r *Reader) isGroup(body string) bool {
	for _, id := range r.byLetter {
		if id == body {
			return true
		}
	}
	return false
}

// lead reads how long before: two hours, a day, 15 minutes. Without a number it is one.
func (s *scan) lead() store.Lead {
	for i := range s.tokens {
		for _, unit := range []struct {
			key  string
			lead store.Lead
		}{{"minute", 1}, {"hour", store.LeadHour}, {"day", store.LeadDay}, {"week", store.LeadWeek}} {
			if !s.is(i, unit.key) {
				continue
			}
			n := 1
			for k := i - 1; k >= max(0, i-2); k-- {
				if v := cmp.Or(max(0, s.tokens[k].num), s.numbered(k, "number_", 12)); v > 0 {
					n = v
					break
				}
			}
			return store.Lead(n) * unit.lead
		}
	}
	return 0
}
