package broadcast

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// BenchmarkLook is what the runner does once a second, with nothing due. What it costs does not depend on how many persons
// are stored, nor on how many letters are due some other day: each of the persons has one.
func BenchmarkLook(b *testing.B) {
	for _, persons := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("persons=%d", persons), func(b *testing.B) {
			db, err := boltstore.Open(filepath.Join(b.TempDir(), "rec.db"), boltstore.Options{NoSync: true})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			storetest.Populate(b, db, persons)
			today := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
			r := New(store.New(db, nil), nil, Options{Now: func() time.Time { return today }})
			t := &term{Runner: r}
			b.ReportAllocs()
			for b.Loop() {
				due, err := t.due(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				for _, items := range due {
					if len(items) > 0 {
						b.Fatalf("%d are due", len(items))
					}
				}
			}
		})
	}
}
