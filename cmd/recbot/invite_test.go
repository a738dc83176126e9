package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/storetest"
)

// inviteLines fit what invite says of a link and of a start parameter.
var (
	inviteLine    = regexp.MustCompile(`^https://t\.me/[A-Za-z_]+\?start=([A-Z0-9]{26})\n$`)
	parameterLine = regexp.MustCompile(`^([A-Z0-9]{26})\n$`)
	untilLine     = regexp.MustCompile(`(?m)^It makes one person (.+) and works once, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$`)
)

// takes has somebody use a secret and gives what they are then.
func takes(ctx context.Context, s *store.Store, who store.PersonID, secret string) (store.Person, error) {
	if _, err := s.Greet(ctx, store.Newcomer(who, store.English, someDay)); err != nil {
		return store.Person{}, err
	}
	p, _, err := s.UseInvite(ctx, secret, who, store.Cause{})
	return p, err
}

// invited fails unless a command printed a link that fits line, and gives its secret.
func invited(t *testing.T, got outcome, line *regexp.Regexp, what string) string {
	t.Helper()
	link, until := line.FindStringSubmatch(got.out), untilLine.FindStringSubmatch(got.err)
	if got.code != exitGood || link == nil || until == nil || until[1] != what {
		t.Fatalf("%+v; want a link for %s", got, what)
	}
	return link[1]
}

func TestInviteIntoAStoppedBot(t *testing.T) {
	t.Parallel()
	telegram := listen(t, sim.New(nil))
	refusing := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"ok":false,"error_code":401,"description":"Unauthorized"}`))
	}))
	for _, tc := range []struct {
		name    string
		environ []string
		args    string
		line    *regexp.Regexp
		says    string // of what is in the way
		what    string
		role    store.Role
		bodies  string
	}{
		{"with the name that Telegram tells", []string{"TELEGRAM_BOT_TOKEN=" + sim.Token, "TELEGRAM_API_URL=" + telegram}, "--role organizer", inviteLine, "", "organizer", store.Organizer, ""},
		{"without a token", nil, "--role owner --lasts 15m", parameterLine, "TELEGRAM_BOT_TOKEN is not set", "owner", store.Owner, ""},
		{"with a token that is refused", []string{"TELEGRAM_BOT_TOKEN=" + sim.Token, "TELEGRAM_API_URL=" + refusing}, "--role delegate", parameterLine, "Telegram refused the token", "delegate", store.Delegate, ""},
		{"for two bodies, each with its flag", nil, "--role coordinator --body wg-d --body wg-b", parameterLine, "", "coordinator of wg-d, wg-b", store.Coordinator, "wg-b wg-d"},
		{"for two bodies, with a comma", nil, "--body wg-b,wg-d --role=delegate", parameterLine, "", "delegate of wg-b, wg-d", store.Delegate, "wg-b wg-d"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			got := command(t, append(tc.environ, "RECBOT_DATA="+data), append([]string{"invite"}, strings.Fields(tc.args)...)...)
			secret := invited(t, got, tc.line, tc.what)
			if !strings.Contains(got.err, tc.says) || strings.Contains(got.out+got.err, sim.Token) {
				t.Errorf("on stderr: %q; want %q, and no token", got.err, tc.says)
			}
			withStore(t, data, nil, func(ctx context.Context, s *store.Store) error {
				p, err := takes(ctx, s, 7, secret)
				if p.Role != tc.role || strings.Join(p.MemberOf, " ") != tc.bodies {
					t.Errorf("role %q of %v", p.Role, p.MemberOf)
				}
				return err
			})
		})
	}
}

func TestInviteOnRedis(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT RUN with -short: a Redis server")
	}
	url := storetest.Redis(t)
	secret := invited(t, command(t, []string{"REDIS_URL=" + url}, "invite", "--role", "organizer"), parameterLine, "organizer")
	withRedis(t, url, nil, func(ctx context.Context, s *store.Store) error {
		p, err := takes(ctx, s, 7, secret)
		if p.Role != store.Organizer {
			t.Errorf("role %q", p.Role)
		}
		return err
	})
}

// TestInviteThroughARunningBot asks the bot that has the store, and has somebody open the link. The command has no token.
func TestInviteThroughARunningBot(t *testing.T) {
	t.Parallel()
	binary(t)
	e, data := newExchange(t), shortDir(t)
	who := e.person(1)
	withStore(t, data, nil, func(ctx context.Context, s *store.Store) error { return settle(ctx, s, who, func(*store.Person) {}) })
	p := e.serve(data)
	p.ready()
	got := command(t, []string{"RECBOT_DATA=" + data}, "invite", "--role", "delegate", "--body", "wg-b", "--lasts", "1h")
	secret := invited(t, got, inviteLine, "delegate of wg-b")
	e.say(who, "/start "+secret)
	e.gets(who, 0, "Your invitation is accepted. Your role: delegate.")
	p.stop()
}

func TestMistakesOfInvite(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, args, want string }{
		{"no role", "", `--role: "" is none of organizer, coordinator, delegate, owner`},
		{"a role that is none", "--role king", `--role: "king" is none of organizer, coordinator, delegate, owner`},
		{"a guest needs no invitation", "--role guest", `--role: "guest" is none of organizer, coordinator, delegate, owner`},
		{"a coordinator of nothing", "--role coordinator", "--body: which body does the coordinator coordinate? for example --body wg-b"},
		{"a body that there is not", "--role delegate --body wg-z", `--body: "wg-z" is no body of the catalogue; it knows executive-committee, wg-a, wg-b, wg-c, wg-d`},
		{"a time that is none", "--role delegate --lasts week", `--lasts: "week" is not a length of time; write it like 72h or 30m`},
		{"a time that is too short to use", "--role delegate --lasts 1s", "--lasts: 1s is not between 1m and 720h0m0s"},
		{"a time that is too long to remember", "--role delegate --lasts 1000h", "--lasts: 1000h0m0s is not between 1m and 720h0m0s"},
		{"a word too many", "organizer", `"organizer" is one word too many; usage: recbot invite`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, []string{"RECBOT_DATA=" + t.TempDir()}, append([]string{"invite"}, strings.Fields(tc.args)...)...)
			if want := (outcome{code: exitUsage, err: "recbot: " + tc.want + "\n"}); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}
