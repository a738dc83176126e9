package telegram

import (
	"net/http"
	"time"
)

// Skew is by how much the clock of this machine is ahead of Telegram's, negative where it is behind: by something between Low
// and High. It is no single figure, because an answer says the time in whole seconds, and nobody knows when on its way it was
// written. Of a long poll the two are almost a minute apart.
type Skew struct{ Low, High time.Duration }

// Wrong tells whether the clock is off by more than a limit for sure.
func (s Skew) Wrong(limit time.Duration) bool { return s.Low > limit || s.High < -limit }

// Right tells whether it is off by no more than a limit for sure. Of a slow answer it may be neither.
func (s Skew) Right(limit time.Duration) bool { return s.Low >= -limit && s.High <= limit }

// Middle is the best guess.
func (s Skew) Middle() time.Duration { return (s.Low + s.High) / 2 }

// Skew compares the clock of this machine with the time that Telegram's last answer told; known is false while none did.
func (c *Client) Skew() (skew Skew, known bool) {
	if s := c.wire.skew.Load(); s != nil {
		return *s, true
	}
	return Skew{}, false
}

// compare notes what an answer tells of the clock. It was asked for and it arrived at two instants of the machine's clock; the
// clock on the wall counts here, so that a machine that slept meanwhile makes the answer slow and not the clock wrong.
func (w *wire) compare(asked, arrived time.Time, header http.Header) {
	told, err := http.ParseTime(header.Get("Date"))
	if err != nil { // a simulation, or a server of one's own that does not say
		return
	}
	asked, arrived = asked.Round(0), arrived.Round(0)
	if arrived.Before(asked) { // the clock was set back in between
		asked, arrived = arrived, asked
	}
	// The second that was told had begun, and was not over.
	w.skew.Store(&Skew{Low: asked.Sub(told) - time.Second, High: arrived.Sub(told)})
}
