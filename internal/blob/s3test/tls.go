package s3test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// NewTLS runs one that speaks TLS, with a certificate of an authority that nobody
// else knows: its own is in the file [Server.Authority].
func NewTLS(tb testing.TB) *Server {
	tb.Helper()
	return newServer(tb, true)
}

// Authority is the file with the certificate of who vouches for the server.
func (s *Server) Authority() string { return filepath.Join(s.dir, "authority.pem") }

func (s *Server) certFile() string { return filepath.Join(s.dir, "server.pem") }
func (s *Server) keyFile() string  { return filepath.Join(s.dir, "server.key") }

// certify makes an authority, and the server's certificate.
func (s *Server) certify() {
	s.tb.Helper()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of the tests"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	keys := [2]*ecdsa.PrivateKey{}
	for i, c := range []*x509.Certificate{authority, server} {
		now := time.Now() //nolint:forbidigo // by the machine's clock, as whoever looks at the certificate
		c.NotBefore, c.NotAfter = now.Add(-time.Hour), now.Add(time.Hour)
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			s.tb.Fatal(err)
		}
		keys[i] = key
	}
	s.sign(s.Authority(), authority, authority, &keys[0].PublicKey, keys[0])
	s.sign(s.certFile(), server, authority, &keys[1].PublicKey, keys[0])
	secret, err := x509.MarshalECPrivateKey(keys[1])
	if err != nil {
		s.tb.Fatal(err)
	}
	s.pem(s.keyFile(), "EC PRIVATE KEY", secret)
}

func (s *Server) sign(file string, c, by *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) {
	s.tb.Helper()
	signed, err := x509.CreateCertificate(rand.Reader, c, by, public, key)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.pem(file, "CERTIFICATE", signed)
}

func (s *Server) pem(file, of string, content []byte) {
	s.tb.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: of, Bytes: content}), 0o600); err != nil {
		s.tb.Fatal(err)
	}
}
