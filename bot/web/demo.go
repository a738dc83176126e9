package web

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"

	"recbot/bot"
	"recbot/store"
)

// Step is how far the demo's clock goes on.
type Step string

// The steps. StepNext goes to the moment when the next message leaves.
const (
	StepHour Step = "hour"
	StepDay  Step = "day"
	StepNext Step = "next"
)

// Clock is the demo's clock.
type Clock interface {
	// Now is the demo's date and time.
	Now() time.Time
	// Step goes on and returns when everything that falls due has been done. Its error is shown to the person at the
	// page as it is.
	Step(ctx context.Context, s Step) error
}

// DemoOptions is what the chat page needs. Telegram and Clock are required.
type DemoOptions struct {
	Telegram Telegram
	Clock    Clock
	Zone     string       // IANA name of the zone in which the page shows times; "" = Asia/Tashkent
	Log      *slog.Logger // nil = silence
}

// Most bytes of what is posted.
const (
	maxPost   = 64 << 10 // an action: a text of 4096 characters fits
	maxAttach = 10 << 20 // a photo or document; it is kept in memory until the demo ends
)

//go:embed page
var pageFiles embed.FS

// policy lets the page load its own three files and talk to its own server, nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// demo serves the chat page.
type demo struct {
	DemoOptions
	boot string // tells the page that another demo began and what it remembers is void

	mu   sync.Mutex
	busy bool // the clock is stepping
}

// Demo makes the handler of the demo's chat page. Its event streams end with the request's context: give the server a
// BaseContext that ends at shutdown, and no WriteTimeout.
func Demo(o DemoOptions) http.Handler {
	if o.Zone == "" {
		o.Zone = "Asia/Tashkent"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &demo{DemoOptions: o, boot: strconv.FormatInt(time.Now().UnixNano(), 36)}
	mux := http.NewServeMux()
	mux.Handle("GET /", static())
	mux.HandleFunc("GET /events", d.events)
	mux.HandleFunc("GET /file/{id}", d.file)
	mux.HandleFunc("POST /say", action(func(_ context.Context, in posted) error {
		if in.HTML != "" {
			return d.Telegram.SayHTML(in.Who, in.HTML)
		}
		return d.Telegram.Say(in.Who, in.Text)
	}))
	mux.HandleFunc("POST /attach", d.attach)
	mux.HandleFunc("POST /press", action(func(_ context.Context, in posted) error {
		return d.Telegram.Press(in.Who, in.Message, in.Data)
	}))
	mux.HandleFunc("POST /block", action(func(_ context.Context, in posted) error {
		return d.Telegram.Block(in.Who, in.Blocked)
	}))
	mux.HandleFunc("POST /clock", action(d.step))
	// Another site in the same browser must not press buttons here.
	return guarded(http.NewCrossOriginProtection().Handler(mux))
}

// static serves the three files of the page.
func static() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return http.FileServerFS(files)
}

// guarded adds what keeps a browser from loading or doing anything that the page does not need.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// posted is the body of every action; each reads its own fields.
type posted struct {
	Who     store.PersonID
	Text    string
	HTML    string // instead of Text: the same with formatting
	Message int
	Data    string
	Blocked bool
	Step    Step
}

// errBusy is the answer to a step during a step.
var errBusy = errors.New("the clock is already moving")

// action reads a posted action and does it; an error is answered as {"Error": "..."}.
func action(do func(context.Context, posted) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in posted
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if kind != "application/json" {
			answer(w, http.StatusUnsupportedMediaType, "post JSON")
			return
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPost)).Decode(&in); err != nil {
			answer(w, http.StatusBadRequest, "not the JSON of an action")
			return
		}
		switch err := do(r.Context(), in); {
		case errors.Is(err, errBusy):
			answer(w, http.StatusConflict, err.Error())
		case err != nil:
			answer(w, http.StatusBadRequest, err.Error())
		default:
			answer(w, http.StatusOK, "")
		}
	}
}

// attach takes a photo or a document as body: POST /attach?who=&name=&caption=&photo=true, the caption as HTML. Its type keeps
// a form of another site from posting it.
func (d *demo) attach(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	who, err := strconv.ParseInt(q.Get("who"), 10, 64)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/octet-stream" || err != nil {
		answer(w, http.StatusUnsupportedMediaType, "post the bytes of a file, and who sends it")
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAttach))
	switch {
	case err != nil:
		answer(w, http.StatusRequestEntityTooLarge, "the demo takes files of up to 10 MB")
		return
	case len(data) == 0:
		answer(w, http.StatusBadRequest, "the file is empty")
		return
	}
	f := bot.File{Name: q.Get("name"), Mime: "application/octet-stream", Photo: q.Get("photo") == "true", Data: data}
	if err := d.Telegram.SendFile(store.PersonID(who), f, q.Get("caption")); err != nil {
		answer(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, "")
}

// answer writes the result of an action; an empty problem means that it was done.
func answer(w http.ResponseWriter, code int, problem string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(struct{ Error string }{problem}) // whoever asked has gone: nobody to tell
}

// step moves the clock, one step at a time. A closed page does not stop it half-way.
func (d *demo) step(ctx context.Context, in posted) error {
	switch in.Step {
	case StepHour, StepDay, StepNext:
	default:
		return errors.New("no such step of the clock")
	}
	if !d.occupy() {
		return errBusy
	}
	defer d.release()
	return d.Clock.Step(context.WithoutCancel(ctx), in.Step)
}

// occupy begins a step unless one is under way.
func (d *demo) occupy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy {
		return false
	}
	d.busy = true
	return true
}

// release lets the next step begin.
func (d *demo) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = false
}

// file gives a document for download; it is never shown in place, whatever its type says.
func (d *demo) file(w http.ResponseWriter, r *http.Request) {
	f, ok := d.Telegram.Attached(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	_, _ = w.Write(f.Data) // the reader has gone away: nobody to tell
}

// history is what the page knows of one person when it opens.
type history struct {
	bot.Viewer
	Bubbles []bot.Bubble
	Menu    []bot.MenuItem
}
