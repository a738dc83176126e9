package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"recbot/store"
)

// jobs lists what is due of jobs by a time far away.
func (w *world) jobs(t testing.TB) []store.Job {
	t.Helper()
	jobs, err := w.DueJobs(t.Context(), clock("2030-01-01 00:00"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func jobIDs(jobs []store.Job) (list []store.JobID) {
	for _, j := range jobs {
		list = append(list, j.ID)
	}
	return list
}

func seq(n int) func(*store.Meeting) { return func(m *store.Meeting) { m.Sequence = n } }

func moved(hour string) func(*store.Meeting) {
	return func(m *store.Meeting) { m.StartHour, m.EndHour = hour, "19:00" }
}

func summary(s string) func(*store.Meeting) {
	return func(m *store.Meeting) { m.Summary = store.Text{store.English: s} }
}

func venue(lang store.Lang, s string) func(*store.Meeting) {
	return func(m *store.Meeting) {
		if m.Location.Venue == nil {
			m.Location.Venue = store.Text{}
		}
		m.Location.Venue[lang] = s
	}
}

// TestImport has one meeting in the store, imports one entry and looks at what was done and who is told.
func TestImport(t *testing.T) {
	t.Parallel()
	x := []store.MeetingID{"x"}
	conflict := func(reason string) store.ImportReport {
		return store.ImportReport{Conflicts: []store.ImportConflict{{ID: "x", Reason: reason}}}
	}
	for _, tc := range []struct {
		name  string
		first []func(*store.Meeting) // nil = nothing is there
		entry []func(*store.Meeting)
		opt   store.ImportOptions
		now   string // "" = 1 December
		want  store.ImportReport
		told  []store.JobID
		kept  bool // the stored meeting says what it said before
	}{
		{name: "An unknown meeting is added and told",
			want: store.ImportReport{Added: x}, told: []store.JobID{"new:x"}},
		{name: "Nobody is told of a new one with a reason for silence", opt: store.ImportOptions{Silent: "was told by mail"},
			want: store.ImportReport{Added: x}},
		{name: "Nobody is told of what fills an empty store", opt: store.ImportOptions{Fill: true},
			want: store.ImportReport{Added: x}},
		{name: "Nobody is told of a past one added", now: "2026-12-10 09:00",
			want: store.ImportReport{Added: x}},
		{name: "Nobody is told of a new one that will not be held", entry: []func(*store.Meeting){status(store.Cancelled)},
			want: store.ImportReport{Added: x}},
		{name: "An entry that did not change is not looked at", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(1)},
			want: store.ImportReport{Unchanged: x}, kept: true},
		{name: "A higher sequence replaces and is told", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(2), moved("15:00")},
			want: store.ImportReport{Changed: x}, told: []store.JobID{"change:x:1-2"}},
		{name: "A sequence that jumps is one change", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(9), moved("15:00")},
			want: store.ImportReport{Changed: x}, told: []store.JobID{"change:x:1-9"}},
		{name: "A cancellation is told", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(2), status(store.Cancelled)},
			want: store.ImportReport{Changed: x}, told: []store.JobID{"change:x:1-2"}},
		{name: "A change that fills the store at start is told all the same", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(2), moved("15:00")}, opt: store.ImportOptions{Fill: true},
			want: store.ImportReport{Changed: x}, told: []store.JobID{"change:x:1-2"}},
		{name: "A change with a reason for silence is not told", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(2), moved("15:00")}, opt: store.ImportOptions{Silent: "typing error"},
			want: store.ImportReport{Changed: x}},
		{name: "A higher sequence with other texts only tells nobody", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(2), summary("new")},
			want: store.ImportReport{Changed: x}},
		{name: "A change of a meeting that is over tells nobody", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(2), moved("15:00")}, now: "2026-12-10 09:00",
			want: store.ImportReport{Changed: x}},
		{name: "Texts of the same sequence are updated silently", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(1), summary("new")},
			want: store.ImportReport{Updated: x}},
		{name: "A translation of the place is a text", first: []func(*store.Meeting){venue("en", "Hall")}, entry: []func(*store.Meeting){venue("en", "Hall"), venue("ru", "Зал")},
			want: store.ImportReport{Updated: x}},
		{name: "A lower sequence is ignored", first: []func(*store.Meeting){seq(3)}, entry: []func(*store.Meeting){seq(2), moved("15:00")},
			want: store.ImportReport{Ignored: x}, kept: true},
		{name: "Another hour of the same sequence is a conflict", first: []func(*store.Meeting){seq(1)}, entry: []func(*store.Meeting){seq(1), moved("15:00")},
			want: conflict("its time differs, but its sequence is the same"), kept: true},
		{name: "So is another date", first: []func(*store.Meeting){}, entry: []func(*store.Meeting){func(m *store.Meeting) { m.Date = "2026-12-11" }},
			want: conflict("its date differs, but its sequence is the same"), kept: true},
		{name: "So is another zone", first: []func(*store.Meeting){}, entry: []func(*store.Meeting){func(m *store.Meeting) { m.Zone = "Asia/Bishkek" }},
			want: conflict("its time zone differs, but its sequence is the same"), kept: true},
		{name: "So is another place", first: []func(*store.Meeting){venue("en", "Hall 1")}, entry: []func(*store.Meeting){venue("en", "Hall 2")},
			want: conflict("its place differs, but its sequence is the same"), kept: true},
		{name: "So is a place that is taken away", first: []func(*store.Meeting){venue("en", "Hall 1")},
			want: conflict("its place differs, but its sequence is the same"), kept: true},
		{name: "So is another status", first: []func(*store.Meeting){}, entry: []func(*store.Meeting){status(store.Cancelled)},
			want: conflict("its status differs, but its sequence is the same"), kept: true},
		{name: "So is another way to take part", first: []func(*store.Meeting){}, entry: []func(*store.Meeting){func(m *store.Meeting) { m.Attendance = store.Mixed }},
			want: conflict("its attendance differs, but its sequence is the same"), kept: true},
		{name: "A dry run adds nothing", opt: store.ImportOptions{DryRun: true}, want: store.ImportReport{Added: x}},
		{name: "A dry run changes nothing", first: []func(*store.Meeting){}, entry: []func(*store.Meeting){seq(2), moved("15:00")}, opt: store.ImportOptions{DryRun: true},
			want: store.ImportReport{Changed: x}, kept: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tc.first != nil {
				w.fill(t, on("x", 9, tc.first...))
			}
			before := w.stored(t, "x")
			if tc.now != "" {
				w.at(tc.now)
			}
			entry := on("x", 9, tc.entry...)
			got, err := w.Import(t.Context(), []store.Meeting{entry}, tc.opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.told, jobIDs(w.jobs(t))); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
			want := entry
			if tc.kept || tc.opt.DryRun {
				want = before
			}
			if diff := cmp.Diff(want, w.stored(t, "x"), ownFields); diff != "" {
				t.Errorf("stored meeting (-want +got):\n%s", diff)
			}
			if tc.opt.DryRun || tc.want.Ignored != nil {
				return
			}
			again, err := w.Import(t.Context(), []store.Meeting{entry}, store.ImportOptions{})
			if diff := cmp.Diff(store.ImportReport{Unchanged: x}, again); diff != "" || err != nil {
				t.Errorf("imported again: %v (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff(tc.told, jobIDs(w.jobs(t))); diff != "" {
				t.Errorf("jobs after importing again (-want +got):\n%s", diff)
			}
		})
	}
}

// ownFields leaves out what the store notes of a meeting by itself.
var ownFields = cmpopts.IgnoreFields(store.Meeting{}, "Revision", "StartSet", "Imported", "Edited")

// stored gives a meeting as it stands in the store, the empty one if it does not.
func (w *world) stored(t testing.TB, id store.MeetingID) store.Meeting {
	t.Helper()
	all, err := w.Meetings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.ID == id {
			return m
		}
	}
	return store.Meeting{}
}

// TestImportNotice looks at the jobs themselves.
func TestImportNotice(t *testing.T) {
	t.Parallel()
	old := on("x", 9, seq(1))
	for _, tc := range []struct {
		name     string
		entry    []func(*store.Meeting)
		now      string
		deadline string
		topics   []store.Topic
	}{
		{"A move is worth telling until the new end", []func(*store.Meeting){moved("15:00")}, "2026-12-01 09:00", "2026-12-09 19:00",
			[]store.Topic{"all", "m.x", "wg-b"}},
		{"A cancellation until the old start", []func(*store.Meeting){status(store.Cancelled)}, "2026-12-01 09:00", "2026-12-09 10:00",
			[]store.Topic{"all", "m.x", "wg-b"}},
		{"A postponement too", []func(*store.Meeting){status(store.Postponed)}, "2026-12-01 09:00", "2026-12-09 10:00",
			[]store.Topic{"all", "m.x", "wg-b"}},
		{"What is broken off until the old end", []func(*store.Meeting){status(store.Cancelled)}, "2026-12-09 10:30", "2026-12-09 12:00",
			[]store.Topic{"all", "m.x", "wg-b"}},
		{"The followers of old and new bodies are told", []func(*store.Meeting){moved("15:00"), func(m *store.Meeting) { m.Bodies = []string{"rec", "wg-a"} }}, "2026-12-01 09:00", "2026-12-09 19:00",
			[]store.Topic{"all", "m.x", "rec", "wg-a", "wg-b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fill(t, old)
			w.at(tc.now)
			entry := on("x", 9, append(tc.entry, seq(2))...)
			if _, err := w.Import(t.Context(), []store.Meeting{entry}, store.ImportOptions{}); err != nil {
				t.Fatal(err)
			}
			jobs := w.jobs(t)
			if len(jobs) != 1 {
				t.Fatalf("got jobs %v, want one", jobIDs(jobs))
			}
			var was store.Change
			if err := json.Unmarshal(jobs[0].Content, &was); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(store.ChangeOf(old), was); diff != "" {
				t.Errorf("what it was before (-want +got):\n%s", diff)
			}
			want := store.Job{
				ID: "change:x:1-2", Kind: store.JobChange, Meeting: "x", Start: entry.Start(), Sequence: 2,
				Audience: store.Audience{Topics: tc.topics}, Content: jobs[0].Content,
				Opened: w.Now(), Due: w.Now(), Deadline: clock(tc.deadline),
			}
			if diff := cmp.Diff(want, jobs[0]); diff != "" {
				t.Errorf("job (-want +got):\n%s", diff)
			}
		})
	}
}

// TestImportMoves follows what a meeting knows of its start, and the reminders of an old one.
func TestImportMoves(t *testing.T) {
	t.Parallel()
	importMoves(t, newWorld(t))
}

func importMoves(t *testing.T, w *world) {
	w.greet(t, 7, nil)
	w.fill(t, on("x", 9))
	added := w.Now()
	for _, step := range []struct {
		name  string
		at    string
		entry []func(*store.Meeting)
		set   string // when the start was set; "" = when it was added
		gone  bool   // the reminder of the start before is withdrawn
	}{
		{"Other texts leave the start alone", "2026-12-02 09:00", []func(*store.Meeting){summary("new")}, "", false},
		{"So does another place", "2026-12-03 09:00", []func(*store.Meeting){seq(1), venue("en", "Hall")}, "", false},
		{"Another hour sets it", "2026-12-04 09:00", []func(*store.Meeting){seq(2), moved("15:00")}, "2026-12-04 09:00", true},
		{"A cancellation leaves it alone", "2026-12-05 09:00", []func(*store.Meeting){seq(3), moved("15:00"), status(store.Cancelled)}, "2026-12-04 09:00", false},
		{"An hour that is not known any more sets it", "2026-12-06 09:00", []func(*store.Meeting){seq(4), allDay}, "2026-12-06 09:00", true},
		{"That it is nine after all sets it too", "2026-12-07 09:00", []func(*store.Meeting){seq(5), moved("09:00")}, "2026-12-07 09:00", true},
	} {
		before := w.stored(t, "x")
		reminder := store.Job{
			ID: before.ReminderID(60), Kind: store.JobReminder, Meeting: "x", Start: before.Start(), Lead: 60,
			Audience: store.Audience{Topics: before.Topics(), Lead: 60}, Opened: w.Now(), Due: w.Now(), Deadline: before.Start(),
		}
		if err := w.OpenJob(t.Context(), reminder); err != nil {
			t.Fatal(err)
		}
		w.at(step.at)
		if _, err := w.Import(t.Context(), []store.Meeting{on("x", 9, step.entry...)}, store.ImportOptions{}); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		want := added
		if step.set != "" {
			want = clock(step.set)
		}
		if got := w.stored(t, "x").StartSet; !got.Equal(want) {
			t.Errorf("%s: start set at %s, want %s", step.name, got, want)
		}
		if got := w.withdrawn(t, reminder.ID); got != step.gone {
			t.Errorf("%s: reminder withdrawn %t, want %t", step.name, got, step.gone)
		}
	}
}

// withdrawn tells whether a job was ended before its time.
func (w *world) withdrawn(t testing.TB, id store.JobID) bool {
	t.Helper()
	docs, err := w.Backend().Get(t.Context(), store.Global, "job:"+string(id))
	if err != nil {
		t.Fatal(err)
	}
	var job struct{ State string }
	if err := json.Unmarshal(docs[0].Value, &job); err != nil {
		t.Fatal(err)
	}
	return job.State == "withdrawn"
}

// edit changes a meeting as somebody does in chat.
func (w *world) edit(t testing.TB, id store.MeetingID, change func(*store.Meeting)) {
	t.Helper()
	m := w.stored(t, id)
	m.Edited = true
	change(&m)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Backend().Apply(t.Context(), store.Global, store.Batch{Do: []store.Mutation{
		store.Put("meeting:"+string(id), data, 0), store.Put("revision", nil, 0),
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportAfterEditInChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, on("x", 9, seq(1)))
	w.edit(t, "x", func(m *store.Meeting) { m.Sequence, m.StartHour = 2, "11:00" })
	for _, step := range []struct {
		name  string
		entry store.Meeting
		want  store.ImportReport
		hour  string
	}{
		{"The old entry is not looked at", on("x", 9, seq(1)), store.ImportReport{Unchanged: []store.MeetingID{"x"}}, "11:00"},
		{"A newer entry of the old sequence is ignored", on("x", 9, seq(1), summary("new")), store.ImportReport{Ignored: []store.MeetingID{"x"}}, "11:00"},
		{"Texts of the edit's sequence are a conflict", on("x", 9, seq(2), func(m *store.Meeting) { m.StartHour = "11:00" }, summary("new")),
			store.ImportReport{Conflicts: []store.ImportConflict{{ID: "x", Reason: "it was edited in chat since its last import"}}}, "11:00"},
		{"The conflict is reported once", on("x", 9, seq(2), func(m *store.Meeting) { m.StartHour = "11:00" }, summary("new")),
			store.ImportReport{Unchanged: []store.MeetingID{"x"}}, "11:00"},
		{"A higher sequence wins", on("x", 9, seq(3), moved("16:00")), store.ImportReport{Changed: []store.MeetingID{"x"}}, "16:00"},
		{"After that texts are taken over again", on("x", 9, seq(3), moved("16:00"), summary("newer")), store.ImportReport{Updated: []store.MeetingID{"x"}}, "16:00"},
	} {
		got, err := w.Import(t.Context(), []store.Meeting{step.entry}, store.ImportOptions{})
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s: report (-want +got):\n%s", step.name, diff)
		}
		if got := w.stored(t, "x").StartHour; got != step.hour {
			t.Errorf("%s: begins at %s, want %s", step.name, got, step.hour)
		}
	}
}

func TestImportKeepsWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, on("a", 9), on("b", 10))
	w.fill(t, on("c", 11))
	all, err := w.Meetings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.MeetingID{"a", "b", "c"}, ids(all)); diff != "" {
		t.Errorf("meetings (-want +got):\n%s", diff)
	}
}

func TestImportRefusesTheWholeFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Import(t.Context(), []store.Meeting{
		on("good", 9), on("No Id", 9), on("good", 10),
		on("zone", 9, func(m *store.Meeting) { m.Zone = "Asia/Nowhere" }),
		on("date", 9, func(m *store.Meeting) { m.Date = "31.02.2026" }),
		on("ends", 9, func(m *store.Meeting) { m.EndHour = "09:59" }),
		on("large", 9, summary(strings.Repeat("long ", 13_000))),
	}, store.ImportOptions{})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"No Id", "good", "zone", "date", "ends", "large"} {
		if !strings.Contains(err.Error(), fmt.Sprintf("meeting %q", want)) {
			t.Errorf("the error does not name %q:\n%v", want, err)
		}
	}
	if all, _ := w.Meetings(t.Context()); len(all) != 0 {
		t.Errorf("stored %v, want nothing", ids(all))
	}
}
