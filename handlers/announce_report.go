package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"recbot/bot"
	"recbot/store"
)

// progress says how far a draft is, and what it waits for.
func (d *Desk) progress(draft store.Draft, c store.Counts) *bot.Reply {
	reply := bot.Say(progressKey(draft), "Done", ended(c), "All", max(draft.N, ended(c)+c.Waiting))
	if c.Waiting > 0 {
		reply.Line("AnnounceWaiting", "N", c.Waiting)
	}
	if wait := d.pause(); wait > 0 && c.Waiting > 0 {
		reply.Line("AnnouncePaused", "For", bot.Count{N: int((wait + time.Second - 1) / time.Second), Of: "CountSeconds"})
	}
	reply.Live, reply.Passing = liveName(draft), true
	return reply.Button("ButtonStopSending", an(draft, "stop"))
}

// progressKey heads the progress of a draft. A correction and a recall send nothing, and do not say that they do.
func progressKey(draft store.Draft) string {
	switch {
	case draft.Recall:
		return "AnnounceProgressRecall"
	case len(draft.Replaces) > 0:
		return "AnnounceProgressCorrection"
	}
	return "AnnounceProgress"
}

// ended counts the letters whose fate is final and that were meant to leave.
func ended(c store.Counts) int { return c.Sent + c.Gone + c.Rejected + c.Unknown }

// reportKeys are the words of a report: what was done to messages is said in the words for that.
type reportKeys struct{ done, stopped, sent, rejected, unknown, unsent string }

func keysOf(draft store.Draft) reportKeys {
	switch {
	case draft.Recall:
		return reportKeys{"AnnounceRecalled", "AnnounceStoppedRecall", "ReportRecalled", "ReportNotRecalled", "ReportUnknownRecall", "ReportUnrecalled"}
	case len(draft.Replaces) > 0:
		return reportKeys{"AnnounceCorrected", "AnnounceStoppedCorrection", "ReportCorrected", "ReportNotCorrected", "ReportUnknownCorrection", "ReportUncorrected"}
	case draft.Round > 1:
		return reportKeys{"AnnounceDone", "AnnounceStopped", "ReportSent", "ReportRejected", "ReportUnknown", "ReportUntried"}
	}
	return reportKeys{"AnnounceDone", "AnnounceStopped", "ReportSent", "ReportRejected", "ReportUnknown", "ReportUnsent"}
}

// report says what became of an announcement, all rounds together, with what can be done now.
func (d *Desk) report(ctx context.Context, draft store.Draft, c store.Counts) (*bot.Reply, error) {
	_, recalls, err := d.lastRecall(ctx, draft)
	if err != nil {
		return nil, err
	}
	why, err := d.barred(ctx, draft)
	closed := recalls > 0 || why != "" && why != "AnnounceFirstSending" // which passes
	return afterwards(outcome(draft, c), draft, c, closed), err
}

// outcome says what became of an announcement, all rounds together.
func outcome(draft store.Draft, c store.Counts) *bot.Reply {
	keys := keysOf(draft)
	heading := keys.done
	if draft.State == store.DraftStopped {
		heading = keys.stopped
	}
	sent, gone := c.Sent, c.Gone
	if b := draft.Before; b != nil {
		sent, gone = sent+b.Sent, gone+b.Gone
	}
	reply := bot.Say(heading)
	reply.Parts = append(reply.Parts, bot.Part{Key: keys.sent, Values: bot.Values{"N": bot.V(sent)}, Tight: true})
	for _, line := range []struct {
		key string
		n   int
	}{{"ReportGone", gone}, {keys.rejected, c.Rejected}, {keys.unknown, c.Unknown}, {keys.unsent, unsent(draft, c)}, {"ReportLeft", left(draft, c)}} {
		if line.n > 0 {
			reply.Parts = append(reply.Parts, bot.Part{Key: line.key, Values: bot.Values{"N": bot.V(line.n)}, Tight: true})
		}
	}
	reply.Live = liveName(draft)
	return reply
}

// afterwards adds to a report what can be done now. A correction is corrected at what it corrects, and a recall that left
// something is made again there: its report may stand where that of the announcement stood. What is closed goes to nobody any more.
func afterwards(reply *bot.Reply, draft store.Draft, c store.Counts, closed bool) *bot.Reply {
	if draft.Recall {
		draft.Counts = &c
		if !complete(draft) {
			reply.Button("ButtonRecall", an(original(draft), "back"))
		}
		return reply
	}
	if n := unsent(draft, c); n > 0 && mayGoOn(draft) && !closed {
		reply.Button("ButtonGoOn", an(draft, "go"), "N", n)
	}
	if len(draft.Replaces) > 0 {
		return reply
	}
	if n := c.Rejected + c.Unknown; n > 0 && draft.State == store.DraftDone && !closed {
		reply.Button("ButtonRetry", an(draft, "retry", draft.Round+1), "N", n)
	}
	if c.Sent > 0 || draft.Before != nil && draft.Before.Sent > 0 {
		reply.Row(bot.Press("ButtonCorrect", an(draft, "fix")), bot.Press("ButtonRecall", an(draft, "back")))
	}
	if ended(c) > 0 || draft.Before != nil {
		reply.Button("ButtonTable", an(draft, "csv"))
	}
	return reply
}

// unsent is how many people the last round of what was stopped has not come to.
func unsent(draft store.Draft, c store.Counts) int {
	if draft.State != store.DraftStopped {
		return 0
	}
	return max(draft.N-ended(c), 0)
}

// left is how many of those whom an announcement was to reach did not want it any more when their turn came.
func left(draft store.Draft, c store.Counts) int {
	if draft.State != store.DraftDone || draft.Round > 1 || len(draft.Replaces) > 0 {
		return 0
	}
	return min(max(draft.N-ended(c), 0), c.Skipped)
}

// mayGoOn tells whether what was stopped may go on by one press. What two had to agree on may have been stopped by one of them.
func mayGoOn(draft store.Draft) bool {
	return draft.State == store.DraftStopped && draft.Approved == 0 && !draft.Recall
}

// Last gives the report of an announcement by the name of the message that follows it; nil while it is not over.
func (d *Desk) Last(ctx context.Context, live string) (*bot.Reply, error) {
	id, ok := strings.CutPrefix(live, livePrefix)
	if !ok {
		return nil, nil
	}
	draft, err := d.store.Draft(ctx, store.DraftID(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || draft.Counts == nil || draft.State == store.DraftSending {
		return nil, err
	}
	return d.report(ctx, draft, *draft.Counts)
}

// draftTable handles an:<draft>:csv: what became of the letter to each person, the last round of each.
func (d *Desk) draftTable(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	ended, tooLong := over(draft, r.Now)
	switch {
	case tooLong:
		return bot.Toast("AnnounceTableGone"), nil
	case !ended:
		return d.draftStatus(ctx, r, draft)
	}
	told, more, err := d.store.Told(ctx, rounds(draft), d.rows)
	if err != nil {
		return nil, err
	}
	table := [][]string{{"telegram_id", "state", "reason", "time"}}
	for _, l := range told {
		table = append(table, []string{strconv.FormatInt(int64(l.Person), 10), string(l.State), l.Reason, l.At.Format(time.RFC3339)})
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(table); err != nil {
		return nil, fmt.Errorf("table of draft %q: %w", draft.ID, err)
	}
	reply := bot.Say("AnnounceTable")
	if more {
		reply.Line("AnnounceTableCut", "N", len(told))
	}
	reply.File = &bot.File{Name: "announcement-" + string(draft.ID) + ".csv", Mime: "text/csv", Data: b.Bytes()}
	return reply, nil
}

// tableRows is how many people a table names: some five megabytes, read in seconds. Telegram takes files
// of ten times that, but the whole of it stands in memory until it has arrived.
const tableRows = 100_000
