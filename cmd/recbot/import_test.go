package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

// someDay is far enough ahead for a meeting to be news.
var someDay = time.Date(2099, 3, 4, 10, 0, 0, 0, time.UTC)

// added and unchanged are the reports of a file with one meeting.
const (
	added     = "added    soon\nadded 1, changed 0, updated 0, unchanged 0, ignored 0, conflicts 0\n"
	unchanged = "added 0, changed 0, updated 0, unchanged 1, ignored 0, conflicts 0\n"
)

// holding tells whether a store has the meeting of the tests.
func holding(t *testing.T, b store.Backend) bool {
	t.Helper()
	meetings, err := store.New(b, time.Now).Meetings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range meetings {
		if m.ID == "soon" {
			return true
		}
	}
	return false
}

func TestImportIntoAStoppedBot(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, "rec.yaml", meetingFile("soon", someDay))
	has := func() (yes bool) {
		withStore(t, data, nil, func(_ context.Context, s *store.Store) error {
			yes = holding(t, s.Backend())
			return nil
		})
		return yes
	}
	for _, step := range []struct {
		name, args string
		want       string
		has        bool
	}{
		{"a dry run of a first import", "import --dry-run " + file, strings.Replace(added, "added 1", "would be: added 1", 1), false},
		{"the import", "import " + file, added, true},
		{"a dry run of the same", "import " + file + " --dry-run", "would be: " + unchanged, true},
		{"the same again", "import " + file, unchanged, true},
	} {
		got := command(t, []string{"RECBOT_DATA=" + data}, strings.Fields(step.args)...)
		if diff := cmp.Diff(outcome{out: step.want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		if strings.Contains(step.name, "first") {
			if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
				t.Errorf("%s left %v behind (%v)", step.name, left, err)
			}
		}
		if got := has(); got != step.has {
			t.Errorf("after %s the store has the meeting: %v", step.name, got)
		}
	}
}

func TestImportOnRedis(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT RUN with -short: a Redis server")
	}
	url, file := storetest.Redis(t), write(t, "rec.yaml", meetingFile("soon", someDay))
	has := func() (yes bool) {
		withRedis(t, url, nil, func(_ context.Context, s *store.Store) error {
			yes = holding(t, s.Backend())
			return nil
		})
		return yes
	}
	environ := []string{"REDIS_URL=" + url}
	if got := command(t, environ, "import", "--dry-run", file); got.code != exitGood || has() {
		t.Errorf("a dry run: %+v", got)
	}
	if got := command(t, environ, "import", file); got.out != added || !has() {
		t.Errorf("the import: %+v", got)
	}
}

// TestImportIntoARunningBot goes through the control socket, or through Redis; the followers are told by the running bot.
func TestImportIntoARunningBot(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"embedded", "redis"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			binary(t)
			e, data := newExchange(t), shortDir(t)
			var more []string
			who := e.person(1)
			follow := func(ctx context.Context, s *store.Store) error { return settle(ctx, s, who, func(*store.Person) {}) }
			if kind == "redis" {
				url := storetest.Redis(t)
				more = []string{"REDIS_URL=" + url}
				withRedis(t, url, nil, follow)
			} else {
				withStore(t, data, nil, follow)
			}
			p := e.serve(data, more...)
			p.ready()
			environ := e.env(data, more...)
			good, bad := write(t, "rec.yaml", meetingFile("soon", someDay)), write(t, "bad.yaml", brokenFile())
			for _, step := range []struct {
				args string
				want outcome
			}{
				{"--dry-run " + good, outcome{out: "added    soon\nwould be: added 1, changed 0, updated 0, unchanged 0, ignored 0, conflicts 0\n"}},
				{bad, outcome{code: exitFailed, err: "recbot: import " + bad + ": nothing was brought in:\n" + brokenLines}},
				{good, outcome{out: added}},
				{good, outcome{out: unchanged}},
			} {
				got := command(t, environ, append([]string{"import"}, strings.Fields(step.args)...)...)
				if diff := cmp.Diff(step.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
					t.Errorf("import %s (-want +got):\n%s", step.args, diff)
				}
			}
			e.gets(who, 0, "A new meeting is announced")
			if line := lineOf(command(t, environ, "check").out, "store"); !strings.HasPrefix(line, "OK") {
				t.Error(line)
			}
			p.stop()
		})
	}
}

// brokenFile has a good meeting and one with mistakes.
func brokenFile() string {
	bad := strings.NewReplacer("  - id: bad", "  - id: BAD", "kind: council_meeting", "kind: party")
	both := meetingFile("soon", someDay) + strings.SplitAfterN(meetingFile("bad", someDay), "meetings:\n", 2)[1]
	at := strings.Index(both, "  - id: bad")
	return both[:at] + bad.Replace(both[at:])
}

// brokenLines are the mistakes of brokenFile, each with its place.
const brokenLines = `17:9: "BAD" is no id: write 1 to 32 of the letters a-z, digits and -
20:11: "party" is none of council_meeting, working_group_meeting, executive_committee_meeting, event
`

func TestImportOfABrokenFile(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, "bad.yaml", brokenFile())
	want := outcome{code: exitFailed, err: "recbot: import " + file + ": nothing was brought in:\n" + brokenLines}
	for _, flag := range []string{"--dry-run", "--silent=a test"} {
		if diff := cmp.Diff(want, command(t, []string{"RECBOT_DATA=" + data}, "import", file, flag), cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", flag, diff)
		}
	}
	withStore(t, data, nil, func(_ context.Context, s *store.Store) error {
		if holding(t, s.Backend()) {
			t.Error("the good half of a broken file was loaded")
		}
		return nil
	})
}

// TestImportReportsConflicts changes a meeting without raising its sequence.
func TestImportReportsConflicts(t *testing.T) {
	t.Parallel()
	data, content := t.TempDir(), meetingFile("soon", someDay)
	environ := []string{"RECBOT_DATA=" + data}
	command(t, environ, "import", write(t, "rec.yaml", content))
	moved := write(t, "rec.yaml", strings.ReplaceAll(content, `"10:00"`, `"11:00"`))
	got := command(t, environ, "import", moved)
	if got.code != exitFailed || !strings.HasPrefix(got.out, "conflict  soon: ") || !strings.HasSuffix(got.out, "conflicts 1\n") ||
		got.err != "recbot: some meetings are in conflict and were left as they are\n" {
		t.Errorf("%+v", got)
	}
	raised := write(t, "rec.yaml", strings.NewReplacer(`"10:00"`, `"11:00"`, "sequence: 0", "sequence: 1").Replace(content))
	if got := command(t, environ, "import", raised); got.code != exitGood || !strings.HasPrefix(got.out, "changed  soon\n") {
		t.Errorf("with a higher sequence: %+v", got)
	}
}

// TestImportIntoAFileThatSomebodyElseHas finds the store held, and no bot behind the control socket.
func TestImportIntoAFileThatSomebodyElseHas(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, "rec.yaml", meetingFile("soon", someDay))
	withStore(t, data, nil, func(context.Context, *store.Store) error {
		got := command(t, []string{"RECBOT_DATA=" + data}, "import", file)
		if got.code != exitFailed || !strings.Contains(got.err, filepath.Join(data, "recbot.sock")) {
			t.Errorf("%+v", got)
		}
		return nil
	})
}
