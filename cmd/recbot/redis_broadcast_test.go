package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/redisstore"
	"recbot/store/storetest"
)

// outage is a trouble of Redis in the middle of an announcement.
type outage struct {
	name  string
	start func(t *testing.T) (where place, trouble func()) // of servers of their own
}

// place is where a Redis is found, and whether changes wait for its replicas.
type place struct{ mode, url, wait string }

// TestRedisFailsDuringAnAnnouncement takes the servers away from the real binary in the middle of an announcement, and gives
// them back. The announcement stands still meanwhile and goes on by itself; nobody gets it twice, and everybody gets it but
// those of whom the report says that nobody knows.
func TestRedisFailsDuringAnAnnouncement(t *testing.T) {
	t.Parallel()
	playOutages(t, []outage{
		{"the server is killed and comes back on its file", func(t *testing.T) (place, func()) {
			s := storetest.StartRedis(t, "--appendfsync", "always")
			return place{redisstore.Standalone, s.URL(), "0"}, func() { s.Kill(); away(); s.Start() }
		}},
		{"the server hangs for ten seconds", func(t *testing.T) (place, func()) {
			s := storetest.StartRedis(t, "--appendfsync", "always")
			return place{redisstore.Standalone, s.URL(), "0"}, func() { s.Pause(); <-time.After(10 * time.Second); s.Resume() }
		}},
		{"a master of a cluster is killed and comes back on its file", func(t *testing.T) (place, func()) {
			c := storetest.StartCluster(t, 0, "--appendfsync", "always")
			return place{redisstore.Cluster, c.URL(), "0"}, func() { c.Masters[0].Kill(); away(); c.Masters[0].Start() }
		}},
	})
}

// TestChaosRedisFailsOverDuringAnAnnouncement kills a master whose replica takes over. Each change waits for the replica, so
// that nothing is lost with the master.
func TestChaosRedisFailsOverDuringAnAnnouncement(t *testing.T) {
	t.Parallel()
	if os.Getenv("RECBOT_CHAOS") == "" {
		t.Skip("NOT RUN without RECBOT_CHAOS: this one takes a while; make chaos runs it")
	}
	playOutages(t, []outage{
		{"in a cluster of three masters and three replicas, that of the global shard", func(t *testing.T) (place, func()) {
			c := storetest.StartCluster(t, 1, "--appendfsync", "always")
			return place{redisstore.Cluster, c.URL(), "1"}, c.Masters[globalMaster(c)].Kill
		}},
		{"behind sentinels", func(t *testing.T) (place, func()) {
			w := storetest.StartSentinel(t, "--appendfsync", "always")
			return place{redisstore.Sentinel, w.URL(), "1"}, w.Master.Kill
		}},
	})
}

// playOutages plays each of the outages.
func playOutages(t *testing.T, outages []outage) {
	t.Helper()
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			binary(t) // nothing is begun where it is not to run
			where, trouble := o.start(t)
			announceThrough(t, where, trouble)
		})
	}
}

// away is how long a server is gone: long enough for windows, letters and the lease's renewal to fall into it.
func away() { <-time.After(3 * time.Second) }

// globalMaster is the master that holds the global shard of a cluster.
func globalMaster(c *storetest.Servers) int {
	slot, _ := c.Masters[0].Do("CLUSTER", "KEYSLOT", "{g}").(int64)
	return int(slot) * len(c.Masters) / 16384
}

const (
	crowded = 120 // people who get the announcement
	speaker = store.PersonID(crowded + 1)
)

// announceThrough sends an announcement, has the trouble come when a third of it has left, and checks what became of it.
func announceThrough(t *testing.T, where place, trouble func()) {
	t.Helper()
	e := newExchange(t)
	db, err := redisstore.Open(where.url, redisstore.Options{Mode: where.mode})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := store.New(db, time.Now)
	job, err := openAnnouncement(t.Context(), e, s)
	if err != nil {
		t.Fatal(err)
	}
	p := e.serve(shortDir(t), "REDIS_MODE="+where.mode, "REDIS_URL="+where.url, "REDIS_WAIT="+where.wait, "RECBOT_BULK_RATE=40")
	eventually(t, soon, "a third of the announcement has left", func() bool { return len(e.heard()) >= crowded/3 })
	trouble()
	began := time.Now()
	eventually(t, 2*soon, "the report to the organizer", e.reported)
	t.Logf("the report came %s after the trouble", time.Since(began).Round(100*time.Millisecond))
	p.stop()
	judgeAnnouncement(t, e, s, job)
}

// openAnnouncement leaves a store in which an organizer has just pressed Send.
func openAnnouncement(ctx context.Context, e *exchange, s *store.Store) (store.JobID, error) {
	if err := s.Open(ctx); err != nil {
		return "", err
	}
	for who := range store.PersonID(crowded) {
		err := settle(ctx, s, e.person(who+1), func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
		if err != nil {
			return "", err
		}
	}
	if err := settle(ctx, s, e.person(speaker), func(p *store.Person) { p.Role = store.Organizer }); err != nil {
		return "", err
	}
	texts, now := store.Text{store.English: said}, time.Now().UTC()
	draft, err := s.NewDraft(ctx, store.Draft{ID: "d", By: speaker, Texts: texts, N: crowded, Round: 1,
		Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, State: store.DraftSending, Due: now})
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(map[string]any{"texts": texts})
	if err != nil {
		return "", err
	}
	id := store.AnnounceID(draft.ID, draft.Round)
	return id, s.OpenJob(ctx, store.Job{ID: id, Kind: store.JobAnnounce, Audience: draft.Audience, Content: content, Opened: now, Due: now})
}

// reported tells whether the organizer got the report: a message of its own, or the last state of the one that told of the progress.
func (e *exchange) reported() bool {
	return slices.ContainsFunc(e.Deliveries(0), func(d sim.Delivery) bool {
		return d.Chat == store.ChatID(speaker) && strings.Contains(d.Text, "Delivered: ")
	})
}

// heard counts how often each person got the announcement; who did not is left out.
func (e *exchange) heard() map[store.ChatID]int {
	times := map[store.ChatID]int{}
	for _, d := range e.Deliveries(0) {
		if strings.HasPrefix(d.Text, said) && d.Chat != store.ChatID(speaker) {
			times[d.Chat]++
		}
	}
	return times
}

// judgeAnnouncement compares what people got with the ledger and with the report's counts.
func judgeAnnouncement(t *testing.T, e *exchange, s *store.Store, job store.JobID) {
	t.Helper()
	counts, err := s.JobCounts(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	told, _, err := s.Told(t.Context(), []store.JobID{job}, 2*crowded)
	if err != nil {
		t.Fatal(err)
	}
	times, states := e.heard(), map[store.State]int{}
	for _, r := range told {
		states[r.State]++
		if n := times[store.ChatID(r.Person)]; n > 1 || n == 0 && r.State != store.Unknown {
			t.Errorf("person %d got it %d times, and the ledger says %s", r.Person, n, r.State)
		}
	}
	want := store.Counts{Sent: states[store.Sent], Unknown: states[store.Unknown]}
	if len(told) != crowded || counts.Sent+counts.Unknown != crowded || counts != want {
		t.Errorf("%d people are in the ledger, %v, and the report says %+v", len(told), states, counts)
	}
	t.Logf("%d delivered, %d unknown", counts.Sent, counts.Unknown)
}
