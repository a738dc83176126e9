package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func TestCensus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id := range store.PersonID(600) {
		w.greet(t, id+1, func(p *store.Person) {
			p.Language, p.Topics = store.Uzbek, []store.Topic{"rec"}
			switch {
			case id%6 == 0:
				p.Language, p.Unreachable = store.Russian, "blocked the bot"
			case id%6 == 1:
				p.Stopped = true
			case id%6 == 2:
				p.Topics = []store.Topic{"rec", "wg-b"}
			}
		})
	}
	got, err := w.Census(t.Context(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	want := store.Census{
		People: 600, Languages: map[store.Lang]int{store.Uzbek: 500, store.Russian: 100}, Unreachable: 100, Stopped: 100,
		Topics: map[store.Topic]int{"rec": 400, "wg-b": 100},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	// With a limit some shards stand for all.
	got, err = w.Census(t.Context(), 200)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Estimated || got.People < 400 || got.People > 800 || got.Topics["rec"] < 250 || got.Topics["rec"] > 550 {
		t.Errorf("estimated as %+v", got)
	}
}

// Many persons of one shard are read page by page.
func TestCensusOfOneShard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := 0
	for id := store.PersonID(1); n < 300; id++ {
		if store.ShardOf(store.ChatID(id)) == 7 {
			w.greet(t, id, nil)
			n++
		}
	}
	if got, err := w.Census(t.Context(), 10_000); err != nil || got.People != 300 {
		t.Errorf("%d people, %v; want 300", got.People, err)
	}
}
