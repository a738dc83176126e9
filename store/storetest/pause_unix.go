//go:build unix

package storetest

import "syscall"

// Pause stops the process in the middle of whatever it does, until [Server.Resume]: connections stay, and nobody answers.
func (s *Server) Pause() {
	s.tb.Helper()
	s.signal(syscall.SIGSTOP)
}

// Resume lets a paused process go on.
func (s *Server) Resume() {
	s.tb.Helper()
	s.signal(syscall.SIGCONT)
}

func (s *Server) signal(sig syscall.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatalf("%v to redis-server: %v", sig, err)
	}
}
