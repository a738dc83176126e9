package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// texts lists the kinds and texts of updates.
func texts(list []map[string]any) []string {
	var out []string
	for _, u := range list {
		for kind, body := range u {
			if kind == "update_id" {
				continue
			}
			o, _ := body.(map[string]any)
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %v%v", kind, either(o["text"]), either(o["data"]))))
		}
	}
	return out
}

func either(v any) string {
	s, _ := v.(string)
	return s
}

func TestUpdatesAreConfirmedByOffset(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	must(t, s.Say(dilnoza, "one"))
	must(t, s.Say(oleg, "two"))
	must(t, s.Say(dilnoza, "three"))
	first := updates(t, s, "0")
	id := func(i int) string { return fmt.Sprintf("%.0f", first[i]["update_id"]) }
	for _, tc := range []struct {
		name, params string
		want         []string
		pending      int
	}{
		{"what is not confirmed comes again", `{}`, []string{"message one", "message two", "message three"}, 3},
		{"limit", `{"limit":1}`, []string{"message one"}, 3},
		{"its own id does not confirm an update", `{"offset":` + id(0) + `}`, []string{"message one", "message two", "message three"}, 3},
		{"a higher one does", `{"offset":` + id(1) + `}`, []string{"message two", "message three"}, 2},
		{"a negative one keeps the last", `{"offset":-1}`, []string{"message three"}, 1},
	} {
		var list []map[string]any
		must(t, json.Unmarshal(ask(t, s, "getUpdates", tc.params).Result, &list))
		if diff := cmp.Diff(tc.want, texts(list)); diff != "" || s.Pending() != tc.pending {
			t.Errorf("%s: %d pending, want %d (-want +got):\n%s", tc.name, s.Pending(), tc.pending, diff)
		}
	}
	if s.Idle() {
		t.Error("idle although an update waits")
	}
}

func TestAllowedUpdatesAreRemembered(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	ask(t, s, "getUpdates", `{"allowed_updates":["message"]}`)
	ask(t, s, "getUpdates", `{}`)
	must(t, s.Block(dilnoza, true))
	must(t, s.Block(dilnoza, false))
	must(t, s.Say(dilnoza, "back"))
	if diff := cmp.Diff([]string{"message back"}, texts(updates(t, s, "0"))); diff != "" {
		t.Errorf("updates (-want +got):\n%s", diff)
	}
	ask(t, s, "getUpdates", `{"allowed_updates":[]}`)
	must(t, s.Block(dilnoza, true))
	if diff := cmp.Diff([]string{"message back", "my_chat_member"}, texts(updates(t, s, "0"))); diff != "" {
		t.Errorf("all kinds again (-want +got):\n%s", diff)
	}
}

func TestUpdatesAreKeptForADay(t *testing.T) {
	t.Parallel()
	s, clock := peopled(t)
	must(t, s.Say(dilnoza, "old"))
	clock.Time = clock.Add(24 * time.Hour)
	must(t, s.Say(dilnoza, "young"))
	if got := len(updates(t, s, "0")); got != 2 {
		t.Fatalf("after a day %d updates, want 2", got)
	}
	clock.Time = clock.Add(time.Second)
	if diff := cmp.Diff([]string{"message young"}, texts(updates(t, s, "0"))); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := peopled(t)
		begin := time.Now()
		answers := make(chan result, 1)
		poll := func(ctx context.Context, seconds int) {
			go func() { answers <- askCtx(t, ctx, s, "getUpdates", fmt.Sprintf(`{"timeout":%d}`, seconds)) }()
			synctest.Wait()
		}

		poll(t.Context(), 1000)
		if r := <-answers; string(r.Result) != "[]" || time.Since(begin) != maxLongPoll {
			t.Errorf("an empty poll: %s after %v", r.Result, time.Since(begin))
		}
		begin = time.Now()
		poll(t.Context(), 30)
		if !s.Idle() {
			t.Error("a waiting poll is no work")
		}
		must(t, s.Say(dilnoza, "hi"))
		if r := <-answers; !strings.Contains(string(r.Result), `"text":"hi"`) || time.Since(begin) != 0 {
			t.Errorf("a poll into which somebody speaks: %s after %v", r.Result, time.Since(begin))
		}

		ask(t, s, "getUpdates", `{"offset":1000000}`)
		poll(t.Context(), 30)
		if r := ask(t, s, "getUpdates", `{}`); !r.OK {
			t.Errorf("the second poller: %+v", r)
		}
		if r := <-answers; r.Code != 409 || !strings.HasPrefix(r.Description, "Conflict: terminated by other getUpdates request") {
			t.Errorf("the first poller: %+v", r)
		}
	})
}

func TestPollWhoseCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := peopled(t)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := s.Do(request(ctx, "getUpdates", `{"timeout":50}`))
			left <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-left; err == nil {
			t.Error("the poll went on")
		}
		if s.inbox.poller != nil {
			t.Error("the poller is still there, and would be told of a conflict")
		}
	})
}

func TestWebhookExcludesPolling(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	s.SetWebhook("https://example.org/hook")
	must(t, s.Say(dilnoza, "x"))
	if r := ask(t, s, "getUpdates", `{}`); r.Code != 409 || !strings.Contains(r.Description, "while webhook is active") {
		t.Errorf("polling beside a webhook: %+v", r)
	}
	info := `{"has_custom_certificate":false,"max_connections":40,"pending_update_count":1,"url":"https://example.org/hook"}`
	if r := ask(t, s, "getWebhookInfo", `{}`); string(r.Result) != info {
		t.Errorf("getWebhookInfo: %s", r.Result)
	}
	ask(t, s, "deleteWebhook", `{}`)
	if diff := cmp.Diff([]string{"message x"}, texts(updates(t, s, "0"))); diff != "" {
		t.Errorf("after deleteWebhook (-want +got):\n%s", diff)
	}
	ask(t, s, "deleteWebhook", `{"drop_pending_updates":true}`)
	if !s.Idle() {
		t.Error("updates are left after they were dropped")
	}
}

func TestInject(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	id := s.Inject(`{"message":{"message_id":"poison"}}`)
	s.Inject(` { } `)
	got := string(ask(t, s, "getUpdates", `{}`).Result)
	want := fmt.Sprintf(`[{"update_id":%d,"message":{"message_id":"poison"}},{"update_id":%d}]`, id, id+1)
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
