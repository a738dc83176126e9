package store

import (
	"context"
	"fmt"
	"slices"
)

// ImportOptions say how meetings are imported.
type ImportOptions struct {
	DryRun bool   // report only
	Silent string // a reason: no followers are told, only who waits for an agenda that comes with it; "" = followers are told
	// Fill is for the start of the bot: when the store holds no meeting yet, nobody is told of those that come with it.
	Fill bool
}

// ImportReport says what an import did, or would do.
type ImportReport struct {
	Added     []MeetingID      `json:"added,omitempty"`
	Changed   []MeetingID      `json:"changed,omitempty"` // followers are told
	Updated   []MeetingID      `json:"updated,omitempty"` // texts, agenda, documents; told to nobody but who waits for a first agenda
	Unchanged []MeetingID      `json:"unchanged,omitempty"`
	Ignored   []MeetingID      `json:"ignored,omitempty"` // an older sequence
	Conflicts []ImportConflict `json:"conflicts,omitempty"`
}

// ImportConflict is an entry that was not applied, with the reason in plain English.
type ImportConflict struct {
	ID     MeetingID `json:"id"`
	Reason string    `json:"reason"`
}

// Import upserts meetings by id and opens the jobs that tell the followers.
//
// An unknown one is added; one of a higher sequence replaces what is stored, as one change; of an equal one texts, agenda
// and documents are taken over, unless that would lose an edit made in chat or change what followers plan by: a conflict,
// reported once and not applied. A lower sequence is ignored, an entry that did not change since its last import is not
// looked at, and what is missing stays. Who waits for the first agenda of a meeting is told of it, whatever the sequence.
// Each meeting is saved together with its notices in one batch; when the import fails between two of them, what is done stays
// done and importing again goes on from there. Meetings that cannot be read are an error before anything is written.
func (s *Store) Import(ctx context.Context, meetings []Meeting, opt ImportOptions) (ImportReport, error) {
	var report ImportReport
	if err := checkEntries(meetings); err != nil {
		return report, fmt.Errorf("import: %w", err)
	}
	silent := opt.Silent != ""
	if opt.Fill {
		present, _, err := s.b.Members(ctx, Global, meetingsIndex, "", 1)
		if err != nil {
			return report, fmt.Errorf("import: %w", err)
		}
		silent = silent || len(present) == 0
	}
	for _, m := range meetings {
		p, err := s.importOne(ctx, m, opt.DryRun, silent)
		if err != nil {
			return report, fmt.Errorf("import meeting %q: %w", m.ID, err)
		}
		report.add(m.ID, p)
	}
	if opt.DryRun || len(report.Added)+len(report.Changed) == 0 {
		return report, nil
	}
	return report, s.trimNews(ctx)
}

// importOne plans for the meeting as it stands in the store and carries the plan out, anew if somebody else was faster.
func (s *Store) importOne(ctx context.Context, entry Meeting, dry, silent bool) (p plan, err error) {
	err = attempt(ctx, func() error {
		found, err := meetings.read(ctx, s, nil, []string{string(entry.ID)})
		if err != nil {
			return err
		}
		var old Meeting
		if len(found) > 0 {
			old = found[0]
		}
		p = planImport(old, entry, s.now().UTC())
		if silent {
			// The reminders of an old start are withdrawn all the same. Silence is for notices that nobody asked for one by one:
			// who asked to be told of this very agenda was promised it.
			p.tell = slices.DeleteFunc(p.tell, func(j Job) bool { return j.Kind != JobWish })
		}
		if dry || !p.save {
			return nil
		}
		if p.tell, err = s.unopened(ctx, p.tell); err != nil {
			return err
		}
		return s.carryOut(ctx, old, p)
	})
	return p, err
}

// unopened gives back those jobs for an audience of whose ids none was opened before. One may have been when data come back
// from a backup: the meeting is then saved without telling of it again.
func (s *Store) unopened(ctx context.Context, jobs []Job) (fresh []Job, err error) {
	for _, j := range jobs {
		docs, err := s.b.Get(ctx, Global, jobKey(j.ID))
		if err != nil {
			return nil, err
		}
		if docs[0].Rev == 0 {
			fresh = append(fresh, j)
		}
	}
	return fresh, nil
}

// carryOut saves the meeting and opens its notices in one batch, and then withdraws the reminders of the old start. A
// reminder that a crash leaves standing is not sent either: whoever sends it compares the start.
func (s *Store) carryOut(ctx context.Context, old Meeting, p plan) error {
	batch := saveMeeting(p.meeting)
	// Saved and told together: a crash leaves neither a change that nobody hears of nor a notice of none.
	for _, j := range p.tell {
		batch.If = append(batch.If, Absent(jobKey(j.ID)))
		batch.Do = append(batch.Do, openJob(j)...)
	}
	if _, err := s.apply(ctx, Global, batch); err != nil || !p.drop {
		return err
	}
	leads, err := s.LeadsInUse(ctx)
	if err != nil {
		return err
	}
	for _, l := range leads {
		if err := s.WithdrawJob(ctx, old.ReminderID(l)); err != nil {
			return fmt.Errorf("withdraw reminders: %w", err)
		}
	}
	return nil
}

// add enters into the report what was done with one entry.
func (r *ImportReport) add(id MeetingID, p plan) {
	switch p.verdict {
	case entryAdded:
		r.Added = append(r.Added, id)
	case entryChanged:
		r.Changed = append(r.Changed, id)
	case entryUpdated:
		r.Updated = append(r.Updated, id)
	case entryUnchanged:
		r.Unchanged = append(r.Unchanged, id)
	case entryIgnored:
		r.Ignored = append(r.Ignored, id)
	case entryConflict:
		r.Conflicts = append(r.Conflicts, ImportConflict{id, p.reason})
	}
}
