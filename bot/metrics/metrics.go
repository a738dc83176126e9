// Package metrics counts what the bot does, for Prometheus.
//
// A nil *Metrics counts nothing, so whoever counts needs no condition and tests need no setup. No label holds a person, a
// chat or a text. The registry is this package's own: two bots in one process do not disturb each other.
package metrics

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"recbot/store"
)

// Metrics are the counters and gauges of one bot. All methods may be called on nil and by several goroutines.
type Metrics struct {
	registry    *prometheus.Registry
	updates     *prometheus.CounterVec
	poisoned    prometheus.Counter
	passedOver  prometheus.Counter
	handled     *prometheus.HistogramVec
	letters     *prometheus.CounterVec
	floods      prometheus.Counter
	resent      *prometheus.CounterVec
	queue       *prometheus.GaugeVec
	oldest      [classes]atomic.Int64 // since when the oldest letter of a class waits, in ms of Unix time; 0 = none does
	bulkRate    atomic.Pointer[func() float64]
	jobLag      prometheus.Gauge
	letterLag   *prometheus.HistogramVec
	storeErrors *prometheus.CounterVec
	lastTick    prometheus.Gauge
	leader      prometheus.Gauge
}

const classes = int(store.ClassBulk) + 1

// New returns metrics with a registry of their own, in which the process and the Go runtime stand too.
func New() *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		updates:    counters("updates_total", "Updates received, by what people did.", "kind"),
		poisoned:   prometheus.NewCounter(prometheus.CounterOpts{Name: name("poisoned_updates_total"), Help: "Updates passed over because they could not be decoded."}),
		passedOver: prometheus.NewCounter(prometheus.CounterOpts{Name: name("passed_over_updates_total"), Help: "Updates passed over because their chat sent too many at once."}),
		handled: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("handler_seconds"), Help: "Time from an update to its reply, without sending.", Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9),
		}, []string{"command"}),
		letters: counters("letters_total", "Letters that left, by class and fate.", "class", "fate"),
		floods:  prometheus.NewCounter(prometheus.CounterOpts{Name: name("floods_total"), Help: "How often Telegram asked to slow down (429)."}),
		resent:  counters("letters_resent_total", "Letters sent a second time because nobody knew whether the first had arrived.", "class"),
		queue:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name("outbox_letters"), Help: "Letters that wait for their turn."}, []string{"class"}),
		jobLag:  prometheus.NewGauge(prometheus.GaugeOpts{Name: name("job_lag_seconds"), Help: "By how much the oldest unfinished job or letter is overdue; the leader knows, elsewhere it is 0."}),
		letterLag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("letter_lag_seconds"), Help: "By how much letters of jobs left behind their time.", Buckets: prometheus.ExponentialBuckets(0.25, 4, 9),
		}, []string{"class"}),
		storeErrors: counters("store_errors_total", "Operations on the store that failed.", "operation"),
		lastTick:    prometheus.NewGauge(prometheus.GaugeOpts{Name: name("last_tick_timestamp_seconds"), Help: "Unix time of the last tick of this process's scheduler."}),
		leader:      prometheus.NewGauge(prometheus.GaugeOpts{Name: name("leader"), Help: "1 while this process leads."}),
	}
	m.registry.MustRegister(m.updates, m.poisoned, m.passedOver, m.handled, m.letters, m.floods, m.resent, m.queue, m.jobLag, m.letterLag, m.storeErrors, m.lastTick, m.leader,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: name("bulk_rate"), Help: "Letters but replies that may leave in a second at present; 0 while Telegram lets none leave.",
	}, m.readBulkRate))
	for class := range m.oldest {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: name("outbox_oldest_seconds"), Help: "For how long the oldest letter waits for its turn; 0 = none waits.",
			ConstLabels: prometheus.Labels{"class": store.Class(class).String()},
		}, func() float64 { return age(m.oldest[class].Load()) }))
	}
	return m
}

// age is how long ago an instant was, in ms of Unix time; 0 for none.
func age(since int64) float64 {
	if since == 0 {
		return 0
	}
	return max(0, time.Since(time.UnixMilli(since)).Seconds())
}

func name(s string) string { return "recbot_" + s }

func counters(of, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name(of), Help: help}, labels)
}

// Registry gives the registry, for whoever has more to register; nil of nil.
func (m *Metrics) Registry() *prometheus.Registry {
	if m == nil {
		return nil
	}
	return m.registry
}

// Handler serves the metrics in the format of Prometheus; of nil it answers 404.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Update counts a received update by its kind, a word of the program.
func (m *Metrics) Update(kind string) {
	if m != nil {
		m.updates.WithLabelValues(kind).Inc()
	}
}

// Poisoned counts an update that could not be decoded and was passed over.
func (m *Metrics) Poisoned() {
	if m != nil {
		m.poisoned.Inc()
	}
}

// PassedOver counts an update that nobody dealt with because too many of its chat were waiting.
func (m *Metrics) PassedOver() {
	if m != nil {
		m.passedOver.Inc()
	}
}

// Handled notes how long a command took to find its reply. The command is a name of the table, never what people typed.
func (m *Metrics) Handled(command string, took time.Duration) {
	if m != nil {
		m.handled.WithLabelValues(command).Observe(took.Seconds())
	}
}

// Letter counts a letter that came back from the wire.
func (m *Metrics) Letter(class store.Class, fate string) {
	if m != nil {
		m.letters.WithLabelValues(class.String(), fate).Inc()
	}
}

// Flood counts a 429.
func (m *Metrics) Flood() {
	if m != nil {
		m.floods.Inc()
	}
}

// Resent counts a letter that is sent once more because it is not known whether it arrived.
func (m *Metrics) Resent(class store.Class) {
	if m != nil {
		m.resent.WithLabelValues(class.String()).Inc()
	}
}

// Queue tells how many letters of a class wait for their turn, and since when, by the clock of the machine, the oldest does.
func (m *Metrics) Queue(class store.Class, letters int, oldest time.Time) {
	if m == nil {
		return
	}
	m.queue.WithLabelValues(class.String()).Set(float64(letters))
	since := int64(0)
	if letters > 0 {
		since = oldest.UnixMilli()
	}
	m.oldest[class].Store(since)
}

// BulkRate says where to read how many letters but replies may leave in a second at present: it changes by itself as
// time passes. The function is called by whoever asks for the metrics.
func (m *Metrics) BulkRate(now func() float64) {
	if m != nil {
		m.bulkRate.Store(&now)
	}
}

func (m *Metrics) readBulkRate() float64 {
	if now := m.bulkRate.Load(); now != nil {
		return (*now)()
	}
	return 0
}

// JobLag tells by how much the oldest unfinished job or letter is overdue.
func (m *Metrics) JobLag(lag time.Duration) {
	if m != nil {
		m.jobLag.Set(lag.Seconds())
	}
}

// LetterLag notes by how much a letter of a job left behind its time.
func (m *Metrics) LetterLag(class store.Class, late time.Duration) {
	if m != nil {
		m.letterLag.WithLabelValues(class.String()).Observe(late.Seconds())
	}
}

// StoreError counts a failed operation on the store; operation is one of its primitives.
func (m *Metrics) StoreError(operation string) {
	if m != nil {
		m.storeErrors.WithLabelValues(operation).Inc()
	}
}

// Unreplicated serves how many batches waited in vain for a replica of Redis, which count tells. It may be called once.
func (m *Metrics) Unreplicated(count func() uint64) {
	if m != nil {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: name("redis_unreplicated_batches_total"), Help: "Batches that waited in vain for as many replicas as REDIS_WAIT asks for.",
		}, func() float64 { return float64(count()) }))
	}
}

// Tick notes the scheduler's last tick.
func (m *Metrics) Tick(at time.Time) {
	if m != nil {
		m.lastTick.Set(float64(at.UnixMilli()) / 1000)
	}
}

// Leader tells whether this process leads.
func (m *Metrics) Leader(leads bool) {
	if m == nil {
		return
	}
	m.leader.Set(map[bool]float64{true: 1}[leads])
}
