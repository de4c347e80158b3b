# Template of the formula. packaging/homebrew/render fills in version and checksums.
class TiledeskMock < Formula
  desc "Stateful, in-memory fake of the Tiledesk REST API"
  homepage "https://github.com/tiledesk-mock/tiledesk-mock"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/tiledesk-mock/tiledesk-mock/releases/download/v@VERSION@/tiledesk-mock-aarch64-apple-darwin.tar.gz"
      sha256 "@aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/tiledesk-mock/tiledesk-mock/releases/download/v@VERSION@/tiledesk-mock-x86_64-apple-darwin.tar.gz"
      sha256 "@x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/tiledesk-mock/tiledesk-mock/releases/download/v@VERSION@/tiledesk-mock-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/tiledesk-mock/tiledesk-mock/releases/download/v@VERSION@/tiledesk-mock-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "tiledesk-mock"
  end

  service do
    run opt_bin/"tiledesk-mock"
    log_path var/"log/tiledesk-mock.log"
    error_log_path var/"log/tiledesk-mock.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/tiledesk-mock --version")
    port = free_port
    server = spawn bin/"tiledesk-mock", "--port", port.to_s
    begin
      sleep 2
      system bin/"tiledesk-mock", "health", "--url", "http://127.0.0.1:#{port}"
    ensure
      Process.kill "TERM", server
      Process.wait server
    end
  end
end
