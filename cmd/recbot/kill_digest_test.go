package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"recbot/store"
)

// TestKillAroundADigest kills the real binary as [TestKillAroundAReminder] does, around a daily digest, from the tick at which
// it falls due to the end. Nobody gets it twice; everybody gets it but those who had it in flight at the kill.
func TestKillAroundADigest(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundJob("settle", "open", "tick"),
		few: []point{
			{{before, "open", 1}}, {{after, "open", 1}}, {{after, "tick", 1}}, {{after, "window", windows}}, {{before, "settle", 1}},
			{{lost, "", 1}}, {{taken, "", audience}, {after, "settle", 1}},
		},
		redis: []point{{{after, "open", 1}}, {{taken, "", 3}}},
		draw:  drawn,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newFatal(t, seed, redis)
			f.prefix = "Daily digest"
			f.work(ago(2*time.Hour), f.prepareDigest)
			f.dieAt(p)
			f.recover(func() bool { return true })
			f.judge()
		},
	}.eachPoint(t)
}

// prepareDigest leaves the store of a bot that was last up an hour ago. Where its people live it is past eight by now, and
// they have a meeting today.
func (f *fatal) prepareDigest(ctx context.Context, s *store.Store) error {
	now := time.Now()
	zone, err := pastEight(now)
	if err != nil {
		return err
	}
	f.job = store.DigestID(store.Digest{Kind: store.Daily, Zone: zone.String()}, now.In(zone).Format(time.DateOnly))
	if err := f.publish(ctx, s); err != nil {
		return err
	}
	for _, who := range f.to {
		_, err = s.ChangePerson(ctx, who, store.Cause{}, func(p *store.Person) error {
			p.Zone = zone.String()
			return p.SetDigest(store.Daily, true)
		})
		if err != nil {
			return err
		}
	}
	return s.SaveTick(ctx, now.Add(-time.Hour))
}

// pastEight finds a zone in which eight o'clock was less than an hour ago: these tests run at any hour.
func pastEight(now time.Time) (*time.Location, error) {
	for east := -12; east <= 14; east++ {
		// The names of these zones count to the west.
		zone, err := time.LoadLocation(fmt.Sprintf("Etc/GMT%+d", -east))
		if err != nil || now.In(zone).Hour() == store.DigestHour {
			return zone, err
		}
	}
	return nil, errors.New("it is past eight nowhere")
}
