package ticket

import "slices"

// MaxFiles is how many files a report may hold: as many as Telegram's albums.
const MaxFiles = 10

// File is one of the PDFs of a report.
type File struct {
	// FileID is what Telegram sends again without an upload; it belongs to
	// this bot. It is [StoredFile] while the file is in the archive alone.
	// UniqueID is the same for the same file, whoever sends it.
	FileID   string
	UniqueID string
	Size     int64 // bytes, as Telegram says until it is downloaded

	Unchecked bool   // it could not be looked at
	NoText    bool   // it has no text to look for a VIN in: a scan
	FoundVIN  string // a VIN that it holds, where it does not hold the ticket's

	SHA256       string // hex, once downloaded
	BlobKey      string // in the archive, once archived
	OwnerMessage int    // the message id in the owner's chat, once delivered
}

// StoredFile is the FileID of a file that Telegram does not have: it was
// uploaded, and is in the archive.
const StoredFile = "stored"

// Stored reports whether the file is in the archive alone.
func (f File) Stored() bool { return f.FileID == StoredFile }

// Files lists the report's files in the order in which they were sent.
func (r Report) Files() []File {
	return append([]File{{
		FileID: r.FileID, UniqueID: r.UniqueID, Size: r.Size, Unchecked: r.Unchecked, NoText: r.NoText, FoundVIN: r.FoundVIN,
		SHA256: r.SHA256, BlobKey: r.BlobKey, OwnerMessage: r.OwnerMessage,
	}}, r.More...)
}

// setFiles writes the files back: the first into the report itself.
func (r *Report) setFiles(files []File) {
	f := files[0]
	r.FileID, r.UniqueID, r.Size, r.Unchecked, r.NoText, r.FoundVIN = f.FileID, f.UniqueID, f.Size, f.Unchecked, f.NoText, f.FoundVIN
	r.SHA256, r.BlobKey, r.OwnerMessage = f.SHA256, f.BlobKey, f.OwnerMessage
	r.More = slices.Clone(files[1:])
}

// Next gives the number, from 1, of the first file that Telegram has not
// accepted for the owner, and the file; 0 where it has all.
func (r Report) Next() (int, File) {
	for i, f := range r.Files() {
		if f.OwnerMessage == 0 {
			return i + 1, f
		}
	}
	return 0, File{}
}

// File gives the file of a number, from 1, where there is one; 0 means the
// first.
func (r Report) File(number int) (File, bool) {
	files, i := r.Files(), max(number, 1)-1
	if i >= len(files) {
		return File{}, false
	}
	return files[i], true
}

// Scanned reports whether none of the files has text to look for a VIN in.
func (r Report) Scanned() bool {
	return !slices.ContainsFunc(r.Files(), func(f File) bool { return !f.NoText })
}

// found writes down what the check found out of each file.
func (r *Report) found(findings []Finding) {
	files := r.Files()
	for i, found := range findings[:min(len(findings), len(files))] {
		f := &files[i]
		f.SHA256, f.NoText, f.FoundVIN, f.Unchecked = found.SHA256, found.NoText, found.FoundVIN, found.Reason == ReasonUnchecked
		if found.Size > 0 {
			f.Size = found.Size
		}
	}
	r.setFiles(files)
}

// worst gives the number, from 1, of the file that decides about a report, and
// its reason: one that cannot be sent, before one about which a manager must be
// asked, of which another car's comes first; empty where all are good.
func worst(findings []Finding) (number int, reason string) {
	rank := func(reason string) int {
		return slices.Index([]string{"", ReasonUnchecked, ReasonOtherVIN}, reason)
	}
	for i, found := range findings {
		switch this := rank(found.Reason); {
		case this < 0:
			return i + 1, found.Reason
		case this > rank(reason):
			number, reason = i+1, found.Reason
		}
	}
	return number, reason
}

// blame notes which of several files the report's reason is about.
func (r *Report) blame(number int) {
	if len(r.More) > 0 {
		r.ReasonFile = number
	}
}

// sentAs notes how Telegram names the next file, which it did not have before.
func (r *Report) sentAs(as SentFile) {
	files := r.Files()
	if number, _ := r.Next(); number > 0 {
		files[number-1].FileID, files[number-1].UniqueID = as.ID, as.UniqueID
	}
	r.setFiles(files)
}

// keptAs notes where the files are in the archive.
func (r *Report) keptAs(kept []KeptFile) {
	files := r.Files()
	for i, k := range kept[:min(len(kept), len(files))] {
		files[i].BlobKey, files[i].SHA256 = k.Key, k.SHA256
	}
	r.setFiles(files)
}

// arrived notes that Telegram accepted the next file for the owner.
func (r *Report) arrived(message int) {
	files := r.Files()
	if number, _ := r.Next(); number > 0 {
		files[number-1].OwnerMessage = message
	}
	r.setFiles(files)
}

// pending reports whether a file is left that Telegram has not accepted.
func (r Report) pending() bool {
	number, _ := r.Next()
	return number > 0
}

// number names a file by its place, as rows do: the only one needs no number.
func (r Report) number(i int) int {
	if len(r.More) == 0 {
		return 0
	}
	return i + 1
}
