package telegram

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"

	"recbot/bot"
	"recbot/store"
)

// Reasons after which the client tries another way.
const (
	reasonNotEditable = "message can't be edited"
	reasonEntities    = "can't parse entities"
	reasonNotModified = "message is not modified"
)

// refusals are Telegram's answers of code 400 that mean something, by a part of their text in lower case. Any other one
// is a letter that Telegram will never take.
var refusals = []struct {
	text   string
	fate   bot.Fate
	reason string
}{
	{"chat not found", bot.FateGone, "chat not found"},
	{"peer_id_invalid", bot.FateGone, "chat not found"},
	{"user not found", bot.FateGone, "user not found"},
	{"deactivated", bot.FateGone, "user is deactivated"},
	{"user_is_blocked", bot.FateGone, "bot was blocked by the user"},
	{"bot was blocked", bot.FateGone, "bot was blocked by the user"},
	{"bot was kicked", bot.FateGone, "bot was kicked from the group"},
	{"bot is not a member", bot.FateGone, "bot is not a member of the chat"},
	{"group chat was deleted", bot.FateGone, "the group chat was deleted"},
	{"no rights to send", bot.FateGone, "no rights to send to the chat"},
	{"chat_write_forbidden", bot.FateGone, "no rights to send to the chat"},
	{"not enough rights to send", bot.FateGone, "no rights to send to the chat"},

	{"message is not modified", bot.FateSent, reasonNotModified},
	{"query is too old", bot.FateSent, "query is too old"},
	{"query id is invalid", bot.FateSent, "query is too old"},
	{"message to delete not found", bot.FateSent, "message to delete not found"},

	{"message to edit not found", bot.FateRejected, reasonNotEditable},
	{"message can't be edited", bot.FateRejected, reasonNotEditable},
	{"message_id_invalid", bot.FateRejected, reasonNotEditable},
	{"can't parse entities", bot.FateRejected, reasonEntities},
}

// classify tells what became of a call: err is the library's, x what was seen of the exchange. Later is said only where
// Telegram certainly did not do what it was asked for, Unknown wherever it may have.
func classify(err error, x *exchange) bot.Receipt {
	var flood *tg.TooManyRequestsError
	var moved *tg.MigrateError
	switch {
	// The library gives an error for an answer it cannot read, although what was asked for was done.
	case x.ok():
		return bot.Receipt{Fate: bot.FateSent, Message: x.message()}
	case errors.As(err, &flood):
		return flooded(flood.RetryAfter)
	case errors.As(err, &moved):
		return movedTo(store.ChatID(moved.MigrateToChatID))
	case x.status == 0:
		return unanswered(cmp.Or(x.failure, err, errSilent), x)
	case !x.telegram:
		return foreign(x.status)
	}
	return refused(x)
}

func movedTo(chat store.ChatID) bot.Receipt {
	return bot.Receipt{Fate: bot.FateLater, MovedTo: chat, Reason: "group became a supergroup"}
}

func flooded(seconds int) bot.Receipt {
	wait := time.Duration(max(1, seconds)) * time.Second
	return bot.Receipt{Fate: bot.FateLater, After: wait, Flood: true, Reason: "too many requests"}
}

// errSilent is an exchange that nobody saw fail, nor succeed.
var errSilent = errors.New("nothing came back")

// unanswered is an exchange without an answer.
func unanswered(err error, x *exchange) bot.Receipt {
	if x.unsent(err) {
		return bot.Receipt{Fate: bot.FateLater, After: time.Second, Reason: "telegram out of reach: " + err.Error()}
	}
	return bot.Receipt{Fate: bot.FateUnknown, Reason: "no answer: " + err.Error()}
}

// foreign is an answer that is not Telegram's: of a proxy, a load balancer, a captive portal.
func foreign(status int) bot.Receipt {
	reason := fmt.Sprintf("status %d, not from the Bot API", status)
	switch {
	case status == http.StatusTooManyRequests:
		return flooded(0)
	case status == http.StatusRequestEntityTooLarge:
		return bot.Receipt{Fate: bot.FateRejected, Reason: reason}
	case status >= 300 && status < 500: // turned away before it reached Telegram
		return bot.Receipt{Fate: bot.FateLater, After: time.Second, Reason: reason}
	}
	return bot.Receipt{Fate: bot.FateUnknown, Reason: reason}
}

// refused is an answer in which Telegram says no.
func refused(x *exchange) bot.Receipt {
	reason := words(x.answer.Description)
	switch code := x.code(); code {
	case http.StatusTooManyRequests:
		return flooded(x.answer.Parameters.RetryAfter)
	case http.StatusBadRequest:
		if to := x.answer.Parameters.MovedTo; to != 0 {
			return movedTo(to)
		}
	case http.StatusUnauthorized, http.StatusNotFound:
		return bot.Receipt{Fate: bot.FateUnauthorized, Reason: reason}
	case http.StatusForbidden:
		return bot.Receipt{Fate: bot.FateGone, Reason: reason}
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		return bot.Receipt{Fate: bot.FateLater, After: time.Second, Failed: true, Reason: reason}
	case http.StatusConflict: // of getUpdates only: somebody else polls
		return bot.Receipt{Fate: bot.FateLater, After: time.Second, Reason: reason}
	default:
		if code < 400 || code >= 500 { // 502 and 504 may come from behind a front that had passed the letter on
			return bot.Receipt{Fate: bot.FateUnknown, Reason: reason}
		}
	}
	text := strings.ToLower(x.answer.Description)
	// Texts differ between versions of the server, and some come as constants in capitals.
	for _, r := range refusals {
		if strings.Contains(text, r.text) {
			return bot.Receipt{Fate: r.fate, Reason: r.reason}
		}
	}
	return bot.Receipt{Fate: bot.FateRejected, Reason: reason}
}

// words shortens a description to what cannot be a part of the letter: Telegram quotes it behind a colon or in quotes.
func words(description string) string {
	_, what, found := strings.Cut(description, ": ")
	if !found {
		what = description
	}
	if i := strings.IndexAny(what, ":\"“«<"); i >= 0 {
		what = what[:i]
	}
	if what = strings.TrimSpace(what); what == "" {
		return "refused"
	}
	return string([]rune(what)[:min(80, len([]rune(what)))])
}
