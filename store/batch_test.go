package store

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", MaxName+1)
	many := func(n int) (all []Mutation) {
		for i := range n {
			all = append(all, Add("x", strings.Repeat("m", i+1)[:1+i%200]+string(rune('0'+i/200))))
		}
		return all
	}
	one := func(m ...Mutation) Batch { return Batch{Do: m} }
	check := func(c ...Condition) Batch { return Batch{If: c} }
	for _, tc := range []struct {
		name  string
		batch Batch
		want  string // part of the error; "" for none
	}{
		{"nothing at all is a batch", Batch{}, ""},
		{"every kind of mutation", one(Put("d", nil, 0), Delete("e"), Add("x", "m"), Remove("x", "n"), Schedule("q", "i", time.UnixMilli(0)), Unschedule("q", "j"),
			Incr("c", -1, time.Second), Append("l", nil), Trim("l", 0), Acquire("a", "me", time.Second), Renew("b", 1, time.Second), Release("f", 1)), ""},
		{"names alike of different kinds", one(Put("n", nil, 0), Add("n", "n"), Schedule("n", "n", time.UnixMilli(0)), Incr("n", 1, 0), Append("n", nil), Release("n", 1)), ""},
		{"as many operations as may be", Batch{If: []Condition{Absent("d")}, Do: many(MaxOperations - 1)}, ""},
		{"one more", Batch{If: []Condition{Absent("d")}, Do: many(MaxOperations)}, "257 operations"},
		{"the longest name", one(Delete(long[1:])), ""},
		{"a longer one", one(Delete(long)), "over 256 bytes"},
		{"no name", one(Delete("")), "empty"},
		{"a name that is not text", one(Delete("\xff")), "UTF-8"},
		{"a name with a control character", one(Delete("a\x00b")), "U+0000"},
		{"a name with a line end", one(Delete("a\n")), "U+000A"},
		{"a member without a name", one(Add("x", "")), "empty"},
		{"an id with a control character", one(Unschedule("q", "\t")), "U+0009"},
		{"a holder without a name", one(Acquire("e", "", time.Second)), "empty"},
		{"an operation id with a control character", Batch{Op: "\x7f"}, "operation id"},
		{"a condition without a name", check(Absent("")), "condition 0"},
		{"a condition of no kind", check(Absent("d"), Condition{Key: "d"}), "condition 1"},
		{"a negative revision", check(RevIs("d", -1)), "revision -1"},
		{"a token that nobody can hold", check(Holds("e", 0)), "revision 0"},
		{"a mutation of no kind", one(Mutation{Key: "d"}), "unknown kind"},
		{"a mutation of a kind to come", one(Mutation{Kind: MutRelease + 1, Key: "d"}), "unknown kind"},
		{"the longest value", one(Put("d", make([]byte, MaxValue), 0)), ""},
		{"a longer one", one(Put("d", make([]byte, MaxValue+1), 0)), "65537 bytes"},
		{"a longer record", one(Append("l", make([]byte, MaxValue+1))), "65537 bytes"},
		{"a time to live that is over", one(Put("d", nil, -time.Second)), "time to live"},
		{"one that Redis would read as none", one(Incr("c", 1, time.Microsecond)), "time to live"},
		{"one without end", one(Put("d", nil, MaxTTL+1)), "time to live"},
		{"a lease for no time", one(Acquire("e", "me", 0)), "time to live"},
		{"a lease renewed for no time", one(Renew("e", 1, 0)), "time to live"},
		{"a lease renewed without a token", one(Renew("e", 0, time.Second)), "revision 0"},
		{"a lease given up without a token", one(Release("e", 0)), "revision 0"},
		{"a log cut before its beginning", one(Trim("l", -1)), "revision -1"},
		{"the last due time", one(Schedule("q", "i", lastDue)), ""},
		{"a later one", one(Schedule("q", "i", lastDue.Add(time.Millisecond))), "out of range"},
		{"the zero time", one(Schedule("q", "i", time.Time{})), "out of range"},
		{"the largest step", one(Incr("c", MaxCount, 0)), ""},
		{"a larger one", one(Incr("c", MaxCount+1, 0)), "out of range"},
		{"a document put and deleted", one(Put("d", nil, 0), Delete("d")), "changed twice"},
		{"a member added and removed", one(Add("x", "m"), Remove("x", "m")), "changed twice"},
		{"an id scheduled twice", one(Schedule("q", "i", time.UnixMilli(0)), Schedule("q", "i", time.UnixMilli(1))), "changed twice"},
		{"a counter counted twice", one(Incr("c", 1, 0), Incr("c", 1, 0)), "changed twice"},
		{"two records under one revision", one(Append("l", nil), Append("l", nil)), "changed twice"},
		{"a lease renewed and given up", one(Renew("e", 1, time.Second), Release("e", 1)), "changed twice"},
		{"two leases with one token", one(Acquire("e", "me", time.Second), Acquire("f", "me", time.Second)), "acquired at once"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := tc.batch.Validate()
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestConflictIsTold(t *testing.T) {
	t.Parallel()
	var err error = &ConflictError{Index: 2, Current: 7}
	if !errors.Is(err, ErrConflict) || errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "condition 2") {
		t.Errorf("got %v", err)
	}
}
