package web_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"recbot/bot"
	"recbot/bot/sim"
	"recbot/bot/web"
)

var _ web.Telegram = (*sim.Server)(nil)

func demo(t *testing.T) (http.Handler, *sim.Server, *clock) {
	t.Helper()
	clk := newClock()
	tg := newTelegram(clk)
	return web.Demo(web.DemoOptions{Telegram: tg, Clock: clk}), tg, clk
}

func TestActions(t *testing.T) {
	t.Parallel()
	h, tg, clk := demo(t)
	for _, tc := range []struct {
		name, path, body string
		code             int
		want             string
	}{
		{"saying", "/say", `{"Who":11,"Text":"/start"}`, 200, ""},
		{"saying nothing", "/say", `{"Who":11,"Text":""}`, 400, "say 0 characters: a message has 1 to 4096"},
		{"saying it formatted", "/say", `{"Who":11,"HTML":"<b>salom</b>"}`, 200, ""},
		{"saying it badly formatted", "/say", `{"Who":11,"HTML":"<b>salom"}`, 400, `say: Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"being nobody", "/say", `{"Who":99,"Text":"x"}`, 400, "person 99 is not in chat 99"},
		{"pressing nothing", "/press", `{"Who":11,"Message":1,"Data":"x"}`, 400, `message 1 has no button with data "x"`},
		{"blocking", "/block", `{"Who":12,"Blocked":true}`, 200, ""},
		{"stepping", "/clock", `{"Step":"day"}`, 200, ""},
		{"stepping by a year", "/clock", `{"Step":"year"}`, 400, "no such step of the clock"},
		{"no JSON", "/say", `Who=11`, 400, "not the JSON of an action"},
		{"too much", "/say", `{"Text":"` + strings.Repeat("x", 70_000) + `"}`, 400, "not the JSON of an action"},
	} {
		code, problem := do(t, h, tc.path, tc.body)
		if code != tc.code || problem != tc.want {
			t.Errorf("%s: %d %q, want %d %q", tc.name, code, problem, tc.code, tc.want)
		}
	}
	if got := clk.Now().Format("2 Jan 15:04"); got != "2 Dec 04:00" {
		t.Errorf("the clock shows %s", got)
	}
	if !tg.People()[1].Blocked || tg.Pending() != 3 {
		t.Errorf("people %+v, %d updates", tg.People(), tg.Pending())
	}
	clk.fail = errors.New("nothing is due any more")
	if code, problem := do(t, h, "/clock", `{"Step":"next"}`); code != 400 || problem != "nothing is due any more" {
		t.Errorf("a step that fails: %d %q", code, problem)
	}
}

func TestAttach(t *testing.T) {
	t.Parallel()
	h, tg, _ := demo(t)
	for _, tc := range []struct {
		name, query, kind, body string
		code                    int
		want                    string
	}{
		{"a document", "who=11&name=a.pdf&caption=%3Cb%3EDastur%3C/b%3E", "application/octet-stream", "x", 200, ""},
		{"a photo", "who=11&name=a.png&photo=true", "application/octet-stream", "x", 200, ""},
		{"from nobody", "who=99&name=a.pdf", "application/octet-stream", "x", 400, "person 99 is not in chat 99"},
		{"from no number", "who=x", "application/octet-stream", "x", 415, "post the bytes of a file, and who sends it"},
		{"from a form of another site", "who=11", "text/plain", "x", 415, "post the bytes of a file, and who sends it"},
		{"an empty one", "who=11", "application/octet-stream", "", 400, "the file is empty"},
		{"one too large", "who=11", "application/octet-stream", strings.Repeat("x", 10<<20+1), 413, "the demo takes files of up to 10 MB"},
	} {
		req := httptest.NewRequestWithContext(t.Context(), "POST", "/attach?"+tc.query, strings.NewReader(tc.body))
		req.Header.Set("Content-Type", tc.kind)
		if code, problem := done(t, h, req); code != tc.code || problem != tc.want {
			t.Errorf("%s: %d %q, want %d %q", tc.name, code, problem, tc.code, tc.want)
		}
	}
	sent := tg.History(dilnoza)
	if len(sent) != 2 || sent[0].File == nil || sent[0].File.Name != "a.pdf" || len(sent[0].Text) != 1 || sent[0].Text[0].Tag != "b" {
		t.Fatalf("the chat shows %+v", sent)
	}
	if f, ok := tg.Attached(sent[1].File.ID); !ok || !f.Photo {
		t.Errorf("the photo is %+v", f)
	}
}

func do(t *testing.T, h http.Handler, path, body string) (int, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	return done(t, h, req)
}

// done gives the answer to an action.
func done(t *testing.T, h http.Handler, req *http.Request) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	var a struct{ Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %d %s", req.URL.Path, w.Code, w.Body)
	}
	return w.Code, a.Error
}

func TestOneStepAtATime(t *testing.T) {
	t.Parallel()
	h, _, clk := demo(t)
	clk.hold = make(chan struct{})
	first := make(chan int)
	go func() {
		code, _ := do(t, h, "/clock", `{"Step":"hour"}`)
		first <- code
	}()
	<-clk.began
	if code, problem := do(t, h, "/clock", `{"Step":"day"}`); code != http.StatusConflict || problem != "the clock is already moving" {
		t.Errorf("the second step: %d %q", code, problem)
	}
	close(clk.hold)
	if code := <-first; code != 200 {
		t.Errorf("the first step: %d", code)
	}
	if len(clk.steps) != 1 {
		t.Errorf("steps: %v", clk.steps)
	}
}

func TestOtherSitesMayNotAct(t *testing.T) {
	t.Parallel()
	h, tg, _ := demo(t)
	for name, header := range map[string][2]string{
		"a page of another site": {"Sec-Fetch-Site", "cross-site"},
		"a form":                 {"Content-Type", "application/x-www-form-urlencoded"},
		"an older browser":       {"Origin", "https://evil.example"},
	} {
		req := httptest.NewRequestWithContext(t.Context(), "POST", "/say", strings.NewReader(`{"Who":11,"Text":"x"}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(header[0], header[1])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code < 400 || tg.Pending() != 0 {
			t.Errorf("%s got through: %d", name, w.Code)
		}
	}
}

func TestStaticAndFiles(t *testing.T) {
	t.Parallel()
	h, tg, _ := demo(t)
	for path, want := range map[string]string{"/": "invented examples", "/app.js": "EventSource", "/style.css": "prefers-color-scheme"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src 'self'") {
			t.Errorf("%s: %d, policy %q", path, w.Code, w.Header().Get("Content-Security-Policy"))
		}
	}
	if err := tg.Start(dilnoza, ""); err != nil {
		t.Fatal(err)
	}
	id := sendDocument(t, tg, "yigʻilish.html", "<script>alert(1)</script>")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/file/"+id, nil))
	disposition := w.Header().Get("Content-Disposition")
	if w.Body.String() != "<script>alert(1)</script>" || !strings.HasPrefix(disposition, "attachment;") ||
		w.Header().Get("Content-Type") != "application/octet-stream" {
		t.Errorf("file: %q as %q", disposition, w.Header().Get("Content-Type"))
	}
	if code, _ := get200(t, h, "/file/none"); code != 404 {
		t.Errorf("a file that is not there: %d", code)
	}
}

// sendDocument sends a document to Dilnoza as the bot and gives its id.
func sendDocument(t *testing.T, tg *sim.Server, name, data string) string {
	t.Helper()
	body := "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n11\r\n--x\r\nContent-Disposition: form-data; " +
		"name=\"document\"; filename=\"" + name + "\"\r\nContent-Type: text/html\r\n\r\n" + data + "\r\n--x--\r\n"
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/bot"+sim.Token+"/sendDocument", strings.NewReader(body))
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w := httptest.NewRecorder()
	tg.ServeHTTP(w, req)
	history := tg.History(dilnoza)
	last := history[len(history)-1].File
	if last == nil {
		t.Fatalf("sendDocument: %s", w.Body)
	}
	return last.ID
}

func TestEvents(t *testing.T) {
	t.Parallel()
	h, tg, clk := demo(t)
	server := httptest.NewServer(h)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func(name string, into any) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() != "event: "+name {
				continue
			}
			lines.Scan()
			if err := json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "data: ")), into); err != nil {
				t.Fatalf("event %s: %v", name, err)
			}
			return
		}
		t.Fatalf("no event %s: %v", name, lines.Err())
	}
	var state struct {
		Zone   string
		People []struct{ Name string }
	}
	next("state", &state)
	if state.Zone != "Asia/Tashkent" || len(state.People) != 2 || state.People[1].Name != "Oleg" {
		t.Errorf("state: %+v", state)
	}
	if err := tg.Say(dilnoza, "<b>hi</b>"); err != nil {
		t.Fatal(err)
	}
	var e bot.ChatEvent
	next("chat", &e)
	if e.Kind != bot.EventMessage || e.Chat != dilnoza || e.Bubble.Text[0].Text != "<b>hi</b>" {
		t.Errorf("chat event: %+v", e)
	}
	if err := clk.Step(t.Context(), web.StepHour); err != nil {
		t.Fatal(err)
	}
	var now struct{ Now string }
	next("clock", &now)
	if now.Now != "2026-12-01T05:00:00Z" {
		t.Errorf("clock event: %+v", now)
	}
}
