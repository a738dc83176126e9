// Command recbot is a Telegram bot for the participants of the Central Asia Regional Expert Council.
//
// This package owns flags, wiring and subcommands; it is the only one that knows every other. The end-to-end tests live
// here: the conversations of testdata/*.chat run the whole bot against a simulated Telegram.
//
// Manners of the command line: results go to stdout, everything else to stderr; an error is one plain line with a hint;
// exit 0 is good, 1 failed, 2 wrong usage or configuration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // delegates' zones must not depend on the machine
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		// A second signal ends at once: the first one's handler is given back as soon as it has come.
		<-ctx.Done()
		stop()
	}()
	std := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	os.Exit(run(ctx, os.Args[1:], os.Environ(), std))
}

// streams are where a subcommand reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// The exit codes.
const (
	exitGood   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a mistake in flags, arguments or configuration: exit code 2.
type usageError struct{ lines []string }

func (e *usageError) Error() string { return strings.Join(e.lines, "\n") }

func usagef(format string, args ...any) error {
	return &usageError{[]string{fmt.Sprintf(format, args...)}}
}

// subcommand is one word of the command line.
type subcommand struct {
	name string
	line string // what it does, for -h
	args string // its arguments, for -h
	needs
	flags func(*flags)
	run   func(ctx context.Context, c *invocation) error
}

// invocation is a subcommand with everything it was given.
type invocation struct {
	streams
	Config
	args    []string
	command *flags
	now     func() time.Time
}

func subcommands() []subcommand {
	return []subcommand{serveCommand, demoCommand, askCommand, checkCommand, importCommand, inviteCommand, healthCommand, versionCommand}
}

// run is main without the process: tests call it.
func run(ctx context.Context, args, environ []string, std streams) int {
	err := dispatchCommand(ctx, args, environ, std)
	var usage *usageError
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &usage):
		for _, line := range usage.lines {
			fmt.Fprintln(std.err, "recbot: "+line)
		}
		return exitUsage
	}
	fmt.Fprintln(std.err, "recbot: "+err.Error())
	return exitFailed
}

func dispatchCommand(ctx context.Context, args, environ []string, std streams) error {
	if len(args) == 0 {
		printHelp(std.err)
		return usagef("say what to do, for example: recbot demo")
	}
	if word := args[0]; word == "-h" || word == "--help" || word == "help" {
		printHelp(std.out)
		return nil
	}
	for _, c := range subcommands() {
		if c.name == args[0] {
			return c.invoke(ctx, args[1:], environ, std)
		}
	}
	return usagef("%q is not a command of recbot; recbot -h lists them", printable(args[0]))
}

// printable hides a word that is a token: people paste it where it does not belong, and errors end up in logs and chats.
func printable(word string) string {
	if validToken(word) {
		return "(a token)"
	}
	return word
}

func (c subcommand) invoke(ctx context.Context, args, environ []string, std streams) error {
	f, err := parseFlags(c, args, environ)
	if errors.Is(err, errHelp) {
		printCommandHelp(std.out, c)
		return nil
	}
	if err != nil {
		return err
	}
	cfg, mistakes := f.config(c.needs)
	if len(mistakes) > 0 {
		return &usageError{mistakes}
	}
	return c.run(ctx, &invocation{streams: std, Config: cfg, args: f.args, command: f, now: time.Now})
}
