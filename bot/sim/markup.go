package sim

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"recbot/bot"
)

// button is an inline button as it comes over the wire.
type button struct {
	Text  *string `json:"text"`
	URL   string  `json:"url"`
	Data  string  `json:"callback_data"`
	Query *string `json:"switch_inline_query"`
	Copy  struct {
		Text string `json:"text"`
	} `json:"copy_text"` // go-telegram always sends an empty one; it counts as none, as in reality
}

const (
	maxData    = 64
	maxButtons = 100
	maxRow     = 8
)

// keyboard reads reply_markup. Other markups than inline keyboards change nothing that sim shows.
func keyboard(raw string) ([][]bot.Key, *refusal) {
	if raw == "" || raw == "null" {
		return nil, nil
	}
	var markup struct {
		Inline [][]button `json:"inline_keyboard"`
		Reply  any        `json:"keyboard"`
		Remove bool       `json:"remove_keyboard"`
		Force  bool       `json:"force_reply"`
	}
	if err := json.Unmarshal([]byte(raw), &markup); err != nil {
		return nil, bad("can't parse reply keyboard markup JSON object")
	}
	if markup.Inline == nil && markup.Reply == nil && !markup.Remove && !markup.Force {
		return nil, bad("object expected as reply markup")
	}
	var rows [][]bot.Key
	count := 0
	for _, line := range markup.Inline {
		row, refused := keys(line)
		if refused != nil {
			return nil, refused
		}
		if count += len(row); count > maxButtons || len(row) > maxRow {
			return nil, bad("reply markup is too long")
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// keys reads one row of buttons.
func keys(line []button) ([]bot.Key, *refusal) {
	var row []bot.Key
	for _, b := range line {
		k, refused := b.key()
		if refused != nil {
			return nil, refused
		}
		row = append(row, k)
	}
	return row, nil
}

// key checks a button in the order in which the Bot API complains.
func (b button) key() (bot.Key, *refusal) {
	switch {
	case b.Text == nil:
		return bot.Key{}, bad(`can't parse inline keyboard button: Can't find field "text"`)
	case strings.TrimSpace(*b.Text) == "":
		return bot.Key{}, bad("inline keyboard button text is empty")
	case b.actions() == 0:
		return bot.Key{}, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	case b.actions() > 1:
		return bot.Key{}, bad("can't parse inline keyboard button: exactly one action field must be used")
	case len(b.Data) > maxData:
		return bot.Key{}, bad("BUTTON_DATA_INVALID")
	case b.URL == "":
		return bot.Key{Label: *b.Text, Data: b.Data}, nil
	}
	if why := wrongURL(b.URL); why != "" {
		return bot.Key{}, bad("inline keyboard button URL '%s' is invalid: %s", b.URL, why)
	}
	return bot.Key{Label: *b.Text, URL: b.URL}, nil
}

// actions counts what a press would do. Exactly one is allowed.
func (b button) actions() int {
	n := 0
	for _, there := range []bool{b.URL != "", b.Data != "", b.Query != nil, b.Copy.Text != ""} {
		if there {
			n++
		}
	}
	return n
}

// wrongURL tells what is wrong with the address of a link, in Telegram's words, or "".
func wrongURL(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "Wrong HTTP URL"
	case u.Scheme == "tg":
		return ""
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		return "Unsupported URL protocol"
	case u.Host == "" || u.Scheme == "":
		return "Wrong HTTP URL"
	}
	return ""
}

// same compares contents; nil and empty are the same.
func same[T any](a, b []T) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// copyRows keeps callers from changing a keyboard that stands in a chat.
func copyRows(rows [][]bot.Key) [][]bot.Key {
	out := slices.Clone(rows)
	for i := range out {
		out[i] = slices.Clone(out[i])
	}
	return out
}
