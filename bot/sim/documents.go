package sim

import (
	"fmt"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// sendDocument takes an upload, or the file_id of an earlier one.
func (s *Server) sendDocument(c *Call) (any, *refusal) { return s.sendFile(c, "document") }

// sendPhoto is the same for a photo. A file_id stays what it was: a document cannot be sent as a photo by it.
func (s *Server) sendPhoto(c *Call) (any, *refusal) { return s.sendFile(c, "photo") }

func (s *Server) sendFile(c *Call, field string) (any, *refusal) {
	ch, refused := s.writable(c)
	if refused != nil {
		return nil, refused
	}
	what, refused := s.read(c, "caption", maxCaption)
	if refused != nil {
		return nil, refused
	}
	file, refused := s.attachment(c, field)
	if refused != nil {
		return nil, refused
	}
	return s.post(c, ch, what, file)
}

// attachment finds the file of the call. An upload is kept under a new file_id, as each upload is at Telegram; a bot that
// wants to save time sends the file_id.
func (s *Server) attachment(c *Call, field string) (*bot.Attachment, *refusal) {
	ref := c.Params[field]
	switch {
	case ref == "":
		return nil, bad("there is no %s in the request", field)
	case c.Upload == nil || ref != "attach://"+field:
		f, known := s.files[ref]
		if !known {
			return nil, bad("wrong file identifier/HTTP URL specified")
		}
		if f.Photo != (field == "photo") {
			return nil, bad("can't use file of type %s as %s", kindOf(f), field)
		}
		return &bot.Attachment{ID: ref, Name: f.Name, Size: len(f.Data)}, nil
	case len(c.Upload.Data) == 0:
		return nil, bad("file must be non-empty")
	case len(c.Upload.Data) > maxUpload:
		return nil, &refusal{code: 413, reason: "Request Entity Too Large"}
	}
	c.Upload.Photo = field == "photo"
	return s.keep(*c.Upload), nil
}

// keep gives a file its file_id.
func (s *Server) keep(f bot.File) *bot.Attachment {
	s.names++
	id := fmt.Sprintf("file-%d", s.names)
	s.files[id] = f
	return &bot.Attachment{ID: id, Name: f.Name, Size: len(f.Data)}
}

func kindOf(f bot.File) string {
	if f.Photo {
		return "photo"
	}
	return "document"
}

// fileObject shows an attachment as the Bot API does: under which field, and what stands there.
func (s *Server) fileObject(a *bot.Attachment) (field string, body any) {
	f, unique := s.files[a.ID], strings.TrimPrefix(a.ID, "file-")
	if f.Photo {
		return "photo", []object{
			{"file_id": a.ID + "-small", "file_unique_id": unique + "s", "width": 90, "height": 60},
			{"file_id": a.ID, "file_unique_id": unique, "width": 900, "height": 600, "file_size": len(f.Data)},
		}
	}
	return "document", object{"file_id": a.ID, "file_unique_id": unique, "file_name": f.Name, "mime_type": f.Mime, "file_size": len(f.Data)}
}

// SendFile sends the bot a photo or a document with a caption, which may be empty and is HTML as the Bot API reads it.
func (s *Server) SendFile(who store.PersonID, f bot.File, caption string) error {
	nodes, text, refused := formatted(caption, "HTML")
	if refused != nil {
		return fmt.Errorf("caption: %s", refused.reason)
	}
	s.mu.Lock()
	file := s.keep(f)
	field, body := s.fileObject(file)
	s.mu.Unlock()
	return s.send(who, store.ChatID(who), &message{text: text, nodes: nodes, file: file}, func(o object) {
		o[field] = body
		if text != "" {
			o["caption"], o["caption_entities"] = text, entitiesOf(text, nodes)
		}
	})
}

// Attached gives a document that the bot sent, by the id of its [bot.Attachment]. The caller must not change its data.
func (s *Server) Attached(id string) (bot.File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[id]
	return f, ok
}
