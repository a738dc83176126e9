package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// SocketName is the control socket's name in RECBOT_DATA.
const SocketName = "recbot.sock"

const (
	maxImport = 16 << 20 // bytes of a file of meetings
	maxSocket = 100      // bytes of a socket's path; systems allow 104 to 108
)

// Import takes meetings in. It returns what it did, as lines for people; with dry it only says what it would do. silent
// is a reason for telling no followers; empty = they are told.
type Import func(ctx context.Context, file io.Reader, dry bool, silent string) (report string, err error)

// Invite makes a link that gives one person a role and membership of bodies, and works for some time.
type Invite func(ctx context.Context, role string, bodies []string, lasts time.Duration) (link string, err error)

// Work is what a running bot does for other processes of its owner.
type Work struct {
	Import Import
	Invite Invite
}

// Control makes the handler of the control socket: GET /health, POST /import?dry_run=&silent= with the file as body, and
// POST /invite?role=&body=&body=&lasts=, which answers with the link.
func Control(do Work) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		lines(w, http.StatusOK, []string{"ok"})
	})
	mux.HandleFunc("POST /import", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		done, err := do.Import(r.Context(), http.MaxBytesReader(w, r.Body, maxImport), q.Get("dry_run") == "true", q.Get("silent"))
		report(w, done, err)
	})
	mux.HandleFunc("POST /invite", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		lasts, err := time.ParseDuration(q.Get("lasts"))
		if err != nil {
			report(w, "", err)
			return
		}
		link, err := do.Invite(r.Context(), q.Get("role"), q["body"], lasts)
		report(w, link, err)
	})
	return mux
}

// report writes what was done, or why it was not.
func report(w http.ResponseWriter, said string, err error) {
	if err != nil {
		lines(w, http.StatusUnprocessableEntity, []string{err.Error()})
		return
	}
	lines(w, http.StatusOK, []string{strings.TrimSuffix(said, "\n")})
}

// Listen opens the control socket in folder, readable and writable by the owner alone from its first moment. A socket
// left behind by a bot that was killed is replaced: whoever holds the store's file may do so. Closing the listener
// removes the socket.
func Listen(folder string) (net.Listener, error) {
	path := filepath.Join(folder, SocketName)
	private, err := os.MkdirTemp(folder, ".s")
	if err != nil {
		return nil, fmt.Errorf("control socket in %q: %w", folder, err)
	}
	defer os.RemoveAll(private)
	hidden := filepath.Join(private, "s")
	if len(hidden) > maxSocket {
		return nil, fmt.Errorf("control socket in %q: the path is too long for a socket, choose a shorter one", folder)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket in %q: %w", folder, err)
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(hidden, 0o600), os.Rename(hidden, path)); err != nil {
		return nil, fmt.Errorf("control socket in %q: %w", folder, errors.Join(err, l.Close()))
	}
	return &socket{l, path}, nil
}

// socket removes its file when it is closed.
type socket struct {
	net.Listener
	path string
}

// Close stops listening and removes the file, so that nobody waits for a bot that is gone.
func (s *socket) Close() error {
	err := s.Listener.Close()
	if gone := os.Remove(s.path); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// Remote is a bot that runs in another process and holds the store.
type Remote struct{ client *http.Client }

// Dial prepares to talk to the bot behind the socket at path; nothing is sent yet.
func Dial(path string) *Remote {
	return &Remote{&http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}}
}

// Health tells whether the bot answers.
func (r *Remote) Health(ctx context.Context) error {
	_, err := r.call(ctx, http.MethodGet, "/health", nil)
	return err
}

// Import lets the running bot import a file; see [Import]. An error of the bot comes in its own words.
func (r *Remote) Import(ctx context.Context, file io.Reader, dry bool, silent string) (string, error) {
	q := url.Values{"dry_run": {fmt.Sprint(dry)}, "silent": {silent}}
	return r.call(ctx, http.MethodPost, "/import?"+q.Encode(), file)
}

// Invite lets the running bot make a link; see [Invite].
func (r *Remote) Invite(ctx context.Context, role string, bodies []string, lasts time.Duration) (string, error) {
	q := url.Values{"role": {role}, "body": bodies, "lasts": {lasts.String()}}
	link, err := r.call(ctx, http.MethodPost, "/invite?"+q.Encode(), nil)
	return strings.TrimSuffix(link, "\n"), err
}

// call makes one request. An answer other than 200 is an error in the words of the bot.
func (r *Remote) call(ctx context.Context, method, path string, body io.Reader) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://recbot"+path, body)
	if err != nil {
		return "", fmt.Errorf("ask the running bot: %w", err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask the running bot: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxImport))
	if err != nil {
		return "", fmt.Errorf("ask the running bot: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(strings.TrimSpace(string(text)))
	}
	return string(text), nil
}
