package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

var errHelp = errors.New("help wanted")

// flags are the words of a command line after the subcommand, together with the environment below them.
type flags struct {
	set     *flag.FlagSet
	values  map[string]string // by variable: flag, else environment, else default
	foreign []string          // variables of the environment that are not ours but look so
	args    []string          // what is no flag
	given   map[string]bool   // by flag
}

// parseFlags reads flags before, between and after the arguments.
func parseFlags(c subcommand, args, environ []string) (*flags, error) {
	f := &flags{set: flag.NewFlagSet(c.name, flag.ContinueOnError), values: map[string]string{}, given: map[string]bool{}}
	f.set.SetOutput(io.Discard)
	byFlag := f.declare(c, environ)
	for rest := args; ; {
		if err := f.set.Parse(rest); errors.Is(err, flag.ErrHelp) {
			return nil, errHelp
		} else if err != nil {
			return nil, usagef("%s; recbot %s -h shows every flag", explainFlag(err.Error()), c.name)
		}
		if f.set.NArg() == 0 {
			break
		}
		f.args = append(f.args, f.set.Arg(0))
		rest = f.set.Args()[1:]
	}
	f.set.Visit(func(one *flag.Flag) {
		f.given[one.Name] = true
		if variable, ok := byFlag[one.Name]; ok {
			f.values[variable] = one.Value.String()
		}
	})
	if limit := len(strings.Fields(c.args)); len(f.args) > limit {
		return nil, usagef("%q is one word too many; usage: recbot %s", printable(f.args[limit]), strings.TrimSpace(c.name+" "+c.args))
	}
	return f, nil
}

// explainFlag says in our words what the flag package found wrong.
func explainFlag(said string) string {
	if name, ok := strings.CutPrefix(said, "flag provided but not defined: "); ok {
		return "-" + name + " is not a flag here" // the name has one dash already
	}
	return said
}

// declare makes a flag of every setting and of the subcommand's own, and gives the variables by flag.
func (f *flags) declare(c subcommand, environ []string) map[string]string {
	f.readEnvironment(environ)
	byFlag := map[string]string{}
	if c.flags != nil {
		c.flags(f)
	}
	for _, s := range settings {
		if c.quiet || f.set.Lookup(s.flag) != nil {
			continue // a subcommand's own flag of that name comes first
		}
		f.set.String(s.flag, s.value, s.help)
		byFlag[s.flag] = s.variable
	}
	return byFlag
}

func (f *flags) readEnvironment(environ []string) {
	for _, s := range settings {
		f.values[s.variable] = s.value
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		_, slip := slips[name]
		known := slices.ContainsFunc(settings, func(s setting) bool { return s.variable == name })
		switch {
		case known && value != "":
			f.values[name] = value
		case !known && (slip || strings.HasPrefix(name, "RECBOT_")):
			f.foreign = append(f.foreign, name)
		}
	}
}

func (f *flags) str(name string) string { return f.set.Lookup(name).Value.String() }
func (f *flags) yes(name string) bool   { return f.str(name) == "true" }

func printHelp(w io.Writer) {
	fmt.Fprint(w, "recbot is the Telegram bot of the Regional Expert Council.\n\nCommands:\n")
	for _, c := range subcommands() {
		fmt.Fprintf(w, "  %-22s %s\n", strings.TrimSpace(c.name+" "+c.args), c.line)
	}
	fmt.Fprint(w, "\nrecbot COMMAND -h shows its flags. Try: recbot demo\n")
}

func printCommandHelp(w io.Writer, c subcommand) {
	fmt.Fprintf(w, "recbot %s\n%s\n", strings.TrimSpace(c.name+" "+c.args), c.line)
	own := &flags{set: flag.NewFlagSet(c.name, flag.ContinueOnError)}
	if c.flags != nil {
		c.flags(own)
		fmt.Fprint(w, "\nFlags:\n")
		own.set.VisitAll(func(one *flag.Flag) {
			fmt.Fprintf(w, "  --%-24s %s\n", one.Name, withDefault(one.Usage, one.DefValue))
		})
	}
	if c.quiet {
		return
	}
	fmt.Fprint(w, "\nSettings, each with its variable:\n")
	for _, s := range settings {
		if own.set.Lookup(s.flag) == nil {
			fmt.Fprintf(w, "  --%-24s %-24s %s\n", s.flag, s.variable, withDefault(s.help, s.value))
		}
	}
}

func withDefault(help, value string) string {
	if value == "" || value == "false" {
		return help
	}
	return help + " (" + value + ")"
}
