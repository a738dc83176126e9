package sim

import (
	"fmt"

	"recbot/bot"
)

// sendDocument takes an upload, or the file_id of an earlier one.
func (s *Server) sendDocument(c *Call) (any, *refusal) {
	ch, refused := s.writable(c)
	if refused != nil {
		return nil, refused
	}
	what, refused := s.read(c, "caption", maxCaption)
	if refused != nil {
		return nil, refused
	}
	file, refused := s.document(c)
	if refused != nil {
		return nil, refused
	}
	return s.post(c, ch, what, file), nil
}

// document finds the file of the call. An upload is kept under a new file_id, as each upload is at Telegram; a bot that
// wants to save time sends the file_id.
func (s *Server) document(c *Call) (*bot.Attachment, *refusal) {
	ref := c.Params["document"]
	switch {
	case ref == "":
		return nil, bad("there is no document in the request")
	case c.Upload == nil || ref != "attach://document":
		f, known := s.files[ref]
		if !known {
			return nil, bad("wrong file identifier/HTTP URL specified")
		}
		return &bot.Attachment{ID: ref, Name: f.Name, Size: len(f.Data)}, nil
	case len(c.Upload.Data) == 0:
		return nil, bad("file must be non-empty")
	case len(c.Upload.Data) > maxUpload:
		return nil, &refusal{code: 413, reason: "Request Entity Too Large"}
	}
	s.names++
	id := fmt.Sprintf("file-%d", s.names)
	s.files[id] = *c.Upload
	return &bot.Attachment{ID: id, Name: c.Upload.Name, Size: len(c.Upload.Data)}, nil
}

// Attached gives a document that the bot sent, by the id of its [bot.Attachment]. The caller must not change its data.
func (s *Server) Attached(id string) (bot.File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[id]
	return f, ok
}
