package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"
	"time"

	"recbot/bot"
	"recbot/store"
)

// fakeAPI keeps updates as the Bot API does: until a higher offset confirms them.
type fakeAPI struct {
	mu       sync.Mutex
	pending  []json.RawMessage
	ids      []int64
	arrived  chan struct{} // closed when something comes
	asks     []ask         // of getUpdates
	methods  []string      // of everything else
	failures []string      // bodies that answer the next getUpdates instead
}

func newAPI(raws ...string) *fakeAPI {
	f := &fakeAPI{arrived: make(chan struct{})}
	f.add(raws...)
	return f
}

func (f *fakeAPI) add(raws ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, raw := range raws {
		var head struct {
			ID int64 `json:"update_id"`
		}
		_ = json.Unmarshal([]byte(raw), &head)
		f.pending, f.ids = append(f.pending, json.RawMessage(raw)), append(f.ids, head.ID)
	}
	close(f.arrived)
	f.arrived = make(chan struct{})
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := path.Base(r.URL.Path)
	if method == "getUpdates" {
		f.updates(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	if method == "deleteWebhook" {
		method += string(body)
	}
	f.mu.Lock()
	f.methods = append(f.methods, method)
	f.mu.Unlock()
	_, _ = io.WriteString(w, map[bool]string{
		true:  `{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"REC","username":"RecBot"}}`,
		false: `{"ok":true,"result":true}`,
	}[method == "getMe"])
}

func (f *fakeAPI) updates(w http.ResponseWriter, r *http.Request) {
	var params ask
	if err := json.NewDecoder(r.Body).Decode(&params); err != nil {
		panic(err)
	}
	f.mu.Lock()
	f.asks = append(f.asks, params)
	if len(f.failures) > 0 {
		body := f.failures[0]
		f.failures = f.failures[1:]
		f.mu.Unlock()
		fail(w, body)
		return
	}
	for len(f.ids) > 0 && f.ids[0] < params.Offset {
		f.pending, f.ids = f.pending[1:], f.ids[1:]
	}
	arrived, empty := f.arrived, len(f.ids) == 0
	f.mu.Unlock()
	if empty && params.Timeout > 0 {
		select {
		case <-arrived:
		case <-time.After(time.Duration(params.Timeout) * time.Second):
		case <-r.Context().Done():
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": append([]json.RawMessage{}, f.pending[:min(params.Limit, len(f.pending))]...)})
}

func fail(w http.ResponseWriter, body string) {
	var e envelope
	status := http.StatusBadGateway
	if json.Unmarshal([]byte(body), &e) == nil {
		status = e.ErrorCode
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// Do makes the fake a client without sockets, for bubbles.
func (f *fakeAPI) Do(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// unconfirmed lists the updates that would come again.
func (f *fakeAPI) unconfirmed() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]int64{}, f.ids...)
}

func (f *fakeAPI) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asks)
}

func text(id int) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"text":"t%d","chat":{"id":5,"type":"private"},"from":{"id":5}}}`, id, id)
}

// desk takes updates and settles them when told to.
type desk struct {
	mu      sync.Mutex
	order   []store.UpdateID
	open    map[store.UpdateID]chan struct{}
	settles bool // at once
}

func (d *desk) handle(_ context.Context, u *bot.Update, _ json.RawMessage) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = make(map[store.UpdateID]chan struct{})
	}
	d.order = append(d.order, u.ID)
	d.open[u.ID] = make(chan struct{})
	if d.settles {
		close(d.open[u.ID])
	}
	return d.open[u.ID]
}

func (d *desk) settle(ids ...store.UpdateID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		close(d.open[id])
	}
}

func (d *desk) taken() []store.UpdateID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]store.UpdateID{}, d.order...)
}
