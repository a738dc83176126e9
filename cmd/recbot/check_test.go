package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// telegramAt serves a simulated Telegram and gives what names it in the environment.
func telegramAt(t *testing.T) []string {
	t.Helper()
	server := httptest.NewServer(sim.New(nil))
	t.Cleanup(server.Close)
	return []string{"TELEGRAM_BOT_TOKEN=" + sim.Token, "TELEGRAM_API_URL=" + server.URL}
}

// lineOf gives what check said of one thing, blanks made one.
func lineOf(out, name string) string {
	for _, line := range lines(out) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == strings.Fields(name)[0] {
			return strings.Join(fields, " ")
		}
	}
	return ""
}

func TestCheckOfAFreshInstallation(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "deep", "data")
	got := command(t, append(telegramAt(t), "RECBOT_DATA="+data), "check")
	var said []string
	for _, line := range lines(got.out) {
		said = append(said, strings.TrimSpace(line[:min(len(line), 21)]))
	}
	want := []string{"OK    configuration", "OK    token", "OK    clock", "OK    store", "OK    catalogue", "OK    texts", "OK    time zones"}
	if diff := cmp.Diff(want, said); diff != "" || got.code != exitGood || got.err != "" {
		t.Errorf("exit code %d, on stderr %q (-want +got):\n%s", got.code, got.err, diff)
	}
	if line := lineOf(got.out, "token"); line != "OK token @"+sim.Username {
		t.Error(line)
	}
	if line := lineOf(got.out, "store"); line != "OK store none yet; serve makes "+filepath.Join(data, storeFile) {
		t.Error(line)
	}
	if _, err := os.Stat(filepath.Dir(data)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("check left something behind: %v", err)
	}
}

// TestCheckOfTheClock asks a Telegram that tells another time than this machine has.
func TestCheckOfTheClock(t *testing.T) {
	t.Parallel()
	off := func(by time.Duration) func() string {
		return func() string { return time.Now().UTC().Add(by).Format(http.TimeFormat) }
	}
	const some = 2*time.Hour + 30*time.Minute + 30*time.Second // far from a whole minute
	const unknown = "OK clock not compared, for Telegram did not tell the time"
	for _, tc := range []struct {
		name  string
		tells func() string // in the header
		token string
		want  string // begins with
	}{
		{"the same time", off(0), sim.Token, "OK clock within 30s of Telegram's"},
		{"hours less", off(-some), sim.Token, "FAIL clock 2h30m"},
		{"hours more", off(some), sim.Token, "FAIL clock 2h30m"},
		{"a wrong token, and hours more", off(some), "123456789:notTheOne", "FAIL clock 2h30m"},
		{"no time", func() string { return "" }, sim.Token, unknown},
		{"no token", func() string { return "" }, "", unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			telegram := sim.New(nil)
			url := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = []string{tc.tells()} // else the server tells its own
				telegram.ServeHTTP(w, r)
			}))
			got := command(t, []string{"TELEGRAM_API_URL=" + url, "TELEGRAM_BOT_TOKEN=" + tc.token, "RECBOT_DATA=" + t.TempDir()}, "check")
			if line := lineOf(got.out, "clock"); !strings.HasPrefix(line, tc.want) || strings.HasPrefix(line, "FAIL") && got.code != exitFailed {
				t.Errorf("exit code %d: %q, want %q", got.code, line, tc.want)
			}
		})
	}
}

func TestCheckOfTheToken(t *testing.T) {
	t.Parallel()
	alive := telegramAt(t)[1]
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, tc := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"none", []string{alive}, "FAIL token TELEGRAM_BOT_TOKEN is not set; @BotFather gives you a token"},
		{"a wrong one", []string{alive, "TELEGRAM_BOT_TOKEN=123456789:notTheOne"}, "FAIL token the token was refused by Telegram (401)"},
		{"a right one, and nobody there", []string{"TELEGRAM_API_URL=" + gone.URL, "TELEGRAM_BOT_TOKEN=" + sim.Token}, "FAIL token no answer from " + gone.URL},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, append(tc.environ, "RECBOT_DATA="+t.TempDir()), "check")
			if line := lineOf(got.out, "token"); !strings.HasPrefix(line, tc.want) {
				t.Errorf("got %q, want %q", line, tc.want)
			}
			if got.code != exitFailed || got.err != "recbot: 1 of the checks failed\n" {
				t.Errorf("exit code %d: %s", got.code, got.err)
			}
			if strings.Contains(got.out, sim.Token) || strings.Contains(got.out, "notTheOne") {
				t.Errorf("the token is shown: %s", got.out)
			}
		})
	}
}

// TestCheckOfTheStoreFile makes each kind of file that is not a good store. All of them are left as they are.
func TestCheckOfTheStoreFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		make func(t *testing.T, path string)
		want []string // parts of the line
	}{
		{"a good one", func(*testing.T, string) {}, []string{"OK store embedded file", "every acknowledged write is on disk"}},
		{"a foreign file", func(t *testing.T, path string) { put(t, path, strings.Repeat("family photos ", 4096)) }, []string{"FAIL store", "not a store of recbot", "left as it is", "another RECBOT_DATA"}},
		{"an older program's view of newer data", func(t *testing.T, path string) {
			tamper(t, path, `{"app":"recbot","schema":99,"shards":64}`)
		}, []string{"FAIL store", "schema 99 is newer than this program"}},
		{"other data in a store file", func(t *testing.T, path string) { tamper(t, path, `{"app":"other","schema":1,"shards":64}`) }, []string{"FAIL store", "not recbot's"}},
		{"a damaged file", func(t *testing.T, path string) {
			if err := os.Truncate(path, 20_000); err != nil {
				t.Fatal(err)
			}
		}, []string{"FAIL store", "left as it is", "no nightly copy yet"}},
		{"a damaged file, with a copy beside it", func(t *testing.T, path string) {
			folder := filepath.Join(filepath.Dir(path), backupFolder)
			if err := errors.Join(os.Truncate(path, 20_000), os.Mkdir(folder, 0o700)); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(folder, "copy.db"), "a copy")
		}, []string{"FAIL store", "left as it is", "Put the newest copy from", backupFolder}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			path := filepath.Join(data, storeFile)
			withStore(t, data, nil, func(context.Context, *store.Store) error { return nil })
			tc.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			environ := append(telegramAt(t), "RECBOT_DATA="+data, "RECBOT_LISTEN=127.0.0.1:0")
			line := lineOf(command(t, environ, "check").out, "store")
			for _, part := range tc.want {
				if !strings.Contains(line, part) {
					t.Errorf("%q is missing in: %s", part, line)
				}
			}
			if strings.HasPrefix(line, "FAIL") {
				if got := command(t, environ, "serve"); got.code != exitFailed || !strings.Contains(got.err, "left as it") {
					t.Errorf("serve: exit code %d: %s", got.code, got.err)
				}
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was touched (%v)", err)
			}
		})
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tamper makes a store say something else of itself.
func tamper(t *testing.T, path, schema string) {
	t.Helper()
	db, err := boltstore.Open(path, boltstore.Options{})
	if err == nil {
		_, err = db.Apply(t.Context(), store.Global, store.Batch{Do: []store.Mutation{store.Put("schema", []byte(schema), 0)}})
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckOfRedis(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT RUN with -short: a Redis server")
	}
	good, reckless, down := storetest.StartRedis(t), storetest.StartRedis(t, "--maxmemory-policy", "allkeys-lru"), storetest.StartRedis(t)
	down.Kill()
	for _, tc := range []struct {
		name, url string
		want      []string
	}{
		{"a good one", good.URL(), []string{"OK store redis", good.Addr(), "may lose the last two seconds"}},
		{"one that deletes what it likes", reckless.URL(), []string{"FAIL store", "maxmemory-policy is allkeys-lru", "set noeviction"}},
		{"one that is down", strings.Replace(down.URL(), "redis://", "redis://:hunter2@", 1), []string{"FAIL store", "redis cannot be reached", down.Addr()}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := command(t, append(telegramAt(t), "REDIS_URL="+tc.url), "check")
			for _, part := range tc.want {
				if line := lineOf(got.out, "store"); !strings.Contains(line, part) {
					t.Errorf("%q is missing in: %s", part, line)
				}
			}
			if strings.Contains(got.out+got.err, "hunter2") {
				t.Errorf("the password is shown: %s%s", got.out, got.err)
			}
		})
	}
	if keys := good.Do("DBSIZE"); keys != int64(0) {
		t.Errorf("check wrote %v keys", keys)
	}
}
