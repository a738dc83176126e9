package handlers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"recbot/bot"
	"recbot/store"
)

// /stats: how the bot is doing, for its owners.
var _ = command(spec{Name: "stats", For: store.Owner, Order: 190, Buttons: []string{"ss"}, Run: (*Desk).stats, Press: (*Desk).pressStats})

// censusLimit is from how many people on /stats estimates: to read so many takes well under a second.
const censusLimit = 20_000

// Status is what a process knows of its own work.
type Status struct {
	Leads      bool             // it schedules and sends what is due; else another process does
	Tick       time.Time        // the last one of its scheduler; zero = none so far
	Letters    map[bot.Fate]int // of all processes in the last 24 hours
	LettersErr error            // why Letters is not known
	// By how much reminders and notices leave behind their time: 99 of 100 of the LagOf latest ones of this process, since
	// LagSince, by no more than Lag.
	Lag       time.Duration
	LagOf     int
	LagSince  time.Time
	Store     store.Info
	StoreErr  error     // why Store is not known
	Trouble   string    // what went wrong last in any process, in the words of the log; "" = nothing in a week
	TroubleAt time.Time // when
}

// stats says how many people there are, what is on its way to them, and what is wrong.
func (d *Desk) stats(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply := bot.Say("StatsHeading")
	if err := d.statsOfPeople(ctx, reply); err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	if err := d.statsOfMeetings(ctx, r, reply); err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	s := d.status(ctx)
	d.statsOfWork(reply, s)
	switch {
	case s.StoreErr != nil:
		reply.Say("StatsStoreUnknown")
	default:
		reply.Say("StatsStore", "Kind", storeKind(s.Store))
	}
	for _, w := range s.Store.Warnings { // as the store says it, for whoever runs it
		reply.Line("StatsWarning", "Text", w)
	}
	if s.Trouble == "" {
		reply.Say("StatsNoTrouble")
	} else {
		reply.Say("StatsTrouble", "At", bot.At{Time: s.TroubleAt, Style: bot.AtFull}, "Text", s.Trouble)
	}
	return reply.Button("ButtonRefresh", bot.Data("ss")), nil
}

// pressStats handles ss, and ss:n under an alert, which stays as it was said.
func (d *Desk) pressStats(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Arg(0) == fresh {
		return d.stats(ctx, r)
	}
	return editing(d.stats(ctx, r))
}

func (d *Desk) statsOfPeople(ctx context.Context, reply *bot.Reply) error {
	c, err := d.store.Census(ctx, censusLimit)
	if err != nil {
		return err
	}
	key := "StatsPeople"
	if c.Estimated {
		key = "StatsPeopleAbout"
	}
	reply.Say(key, "N", c.People)
	if c.People > 0 {
		reply.Line("StatsLanguages", "List", tally(c.Languages, func(l store.Lang) any { return ownName(l) }))
	}
	reply.Line("StatsSilent", "Gone", c.Unreachable, "Stopped", c.Stopped)
	followers, singles := map[store.Topic]int{}, 0
	for t, n := range c.Topics {
		if _, single := t.Meeting(); single {
			singles += n
		} else if d.topicName(t) != nil {
			followers[t] = n
		}
	}
	if len(followers) > 0 {
		reply.Say("StatsFollowers", "List", tally(followers, d.topicName))
	}
	if singles > 0 {
		reply.Line("StatsSingles", "N", singles)
	}
	return nil
}

// topicName names a topic that is no single meeting; nil when there is no such topic any more.
func (d *Desk) topicName(t store.Topic) any {
	if t == store.TopicAll {
		return bot.NewPart("TopicAll")
	}
	if names := d.bodies([]string{string(t)}); len(names) > 0 {
		return names[0]
	}
	return nil
}

// tally lists how many there are of each, most first.
func tally[K cmp.Ordered](counts map[K]int, name func(K) any) (list []bot.Value) {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, k := range keys {
		list = append(list, bot.V(bot.NewPart("StatsCount", "What", name(k), "N", counts[k])))
	}
	return list
}

func (d *Desk) statsOfMeetings(ctx context.Context, r *bot.Request, reply *bot.Reply) error {
	meetings, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return err
	}
	upcoming := 0
	for _, m := range meetings {
		if m.Upcoming(r.Now) {
			upcoming++
		}
	}
	reply.Say("StatsMeetings", "N", upcoming)
	due, some, err := d.store.NextDue(ctx)
	if err != nil {
		return err
	}
	if late := r.Now.Sub(due); some && late >= time.Minute {
		reply.Line("StatsLate", "By", bot.Span{Length: late.Truncate(time.Minute), Style: bot.SpanPlain})
	} else {
		reply.Line("StatsOnTime")
	}
	return nil
}

// fatesShown are the fates at which a letter's way ends.
var fatesShown = []bot.Fate{bot.FateSent, bot.FateGone, bot.FateRejected, bot.FateUnknown}

// lagOf says a lag in seconds while that is a number that people read at once.
func lagOf(late time.Duration) bot.Value {
	if late > 2*time.Minute {
		return bot.V(bot.Span{Length: late.Round(time.Minute), Style: bot.SpanPlain})
	}
	return bot.V(bot.Count{N: max(1, int((late+time.Second-1)/time.Second)), Of: "CountSeconds"})
}

// statsOfWork tells what was sent, and what this process does.
func (d *Desk) statsOfWork(reply *bot.Reply, s Status) {
	if s.LagOf > 0 {
		reply.Line("StatsLag", "Lag", lagOf(s.Lag), "Of", bot.Count{N: s.LagOf, Of: "CountNotices"},
			"Since", bot.At{Time: s.LagSince, Style: bot.AtFull})
	}
	var list []bot.Value
	for _, f := range fatesShown {
		if n := s.Letters[f]; n > 0 || f == bot.FateSent {
			list = append(list, bot.V(bot.NewPart("StatsCount", "What", bot.NewPart("Fate_"+f.String()), "N", n)))
		}
	}
	if s.LettersErr != nil {
		reply.Line("StatsLettersUnknown")
	} else {
		reply.Line("StatsLetters", "List", list)
	}
	switch {
	case !s.Leads:
		reply.Line("StatsFollower")
	case s.Tick.IsZero():
		reply.Line("StatsNoTick")
	default:
		reply.Line("StatsTick", "At", bot.At{Time: s.Tick, Style: bot.AtClock})
	}
}

// storeKind names the kind of a store.
func storeKind(i store.Info) bot.Value {
	if i.Kind == "redis" {
		return bot.V(bot.Raw("Redis"))
	}
	return phrase("StoreEmbedded")
}
