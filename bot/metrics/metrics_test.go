package metrics

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// use calls every method once.
func use(m *Metrics) {
	m.Update("button")
	m.Poisoned()
	m.PassedOver()
	m.Handled("agenda", 3*time.Millisecond)
	m.Letter(store.ClassUrgent, "sent")
	m.Flood()
	m.Resent(store.ClassUrgent)
	m.Queue(store.ClassBulk, 7, time.Now().Add(-time.Hour))
	m.Queue(store.ClassUrgent, 0, time.Now())
	m.BulkRate(func() float64 { return 12.5 })
	m.JobLag(90 * time.Second)
	m.LetterLag(store.ClassUrgent, 3*time.Second)
	m.StoreError("apply")
	m.Unreplicated(func() uint64 { return 5 })
	m.Tick(time.Unix(1_800_000_000, 0))
	m.Leader(true)
}

func scrape(t *testing.T, m *Metrics) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Code, w.Body.String()
}

func TestEveryCountIsServed(t *testing.T) {
	t.Parallel()
	m := New()
	use(m)
	_, page := scrape(t, m)
	for _, want := range []string{
		`recbot_updates_total{kind="button"} 1`,
		`recbot_poisoned_updates_total 1`,
		`recbot_passed_over_updates_total 1`,
		`recbot_handler_seconds_count{command="agenda"} 1`,
		`recbot_letters_total{class="urgent",fate="sent"} 1`,
		`recbot_floods_total 1`,
		`recbot_outbox_letters{class="bulk"} 7`,
		`recbot_letters_resent_total{class="urgent"} 1`,
		`recbot_outbox_oldest_seconds{class="bulk"} 36`, // and some parts of a second
		`recbot_outbox_oldest_seconds{class="urgent"} 0`,
		`recbot_bulk_rate 12.5`,
		`recbot_job_lag_seconds 90`,
		`recbot_letter_lag_seconds_sum{class="urgent"} 3`,
		`recbot_store_errors_total{operation="apply"} 1`,
		`recbot_redis_unreplicated_batches_total 5`,
		`recbot_last_tick_timestamp_seconds 1.8e+09`,
		`recbot_leader 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no line %q:\n%s", want, page)
		}
	}
	m.Leader(false)
	if _, page := scrape(t, m); !strings.Contains(page, "recbot_leader 0") {
		t.Error("whoever stops leading still counts as leader")
	}
}

// TestEveryMetricIsExplained compares what is served with the table that operators read, labels included.
func TestEveryMetricIsExplained(t *testing.T) {
	t.Parallel()
	m := New()
	use(m)
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var served []string
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "recbot_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		name := f.GetName()
		if len(labels) > 0 {
			name += "{" + strings.Join(labels, ",") + "}"
		}
		served = append(served, name)
	}
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(recbot_[^`]+)` \\|").FindAllSubmatch(text, -1) {
		explained = append(explained, string(row[1]))
	}
	slices.Sort(explained)
	if diff := cmp.Diff(served, explained); diff != "" {
		t.Errorf("metrics (-served +explained in docs/operations.md):\n%s", diff)
	}
}

func TestTwoBotsInOneProcessDoNotMeet(t *testing.T) {
	t.Parallel()
	a, b := New(), New()
	a.Flood()
	if _, page := scrape(t, b); !strings.Contains(page, "recbot_floods_total 0") {
		t.Error("one bot's count shows up in the other's page")
	}
	if a.Registry() == b.Registry() {
		t.Error("two bots share a registry")
	}
}

func TestNilCountsNothing(t *testing.T) {
	t.Parallel()
	var m *Metrics
	use(m)
	if code, _ := scrape(t, m); code != http.StatusNotFound || m.Registry() != nil {
		t.Errorf("nil serves metrics with status %d and registry %v", code, m.Registry())
	}
}
