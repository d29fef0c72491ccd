//! fastwebsockets behind hyper's handshake, on one thread.

use std::convert::Infallible;
use std::net::TcpListener;

use fastwebsockets::{FragmentCollector, OpCode, upgrade};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;

pub(crate) fn serve(listener: TcpListener) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).with_upgrades();
            tokio::spawn(connection);
        }
    })
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    match upgrade::upgrade(&mut request) {
        Ok((response, upgraded)) => {
            tokio::spawn(echo(upgraded));
            Ok(response)
        }
        Err(_) => Ok(Response::builder().status(400).body(Empty::new()).unwrap_or_default()),
    }
}

async fn echo(upgraded: upgrade::UpgradeFut) {
    let Ok(web_socket) = upgraded.await else {
        return;
    };
    let mut web_socket = FragmentCollector::new(web_socket);
    while let Ok(frame) = web_socket.read_frame().await {
        let is_data = matches!(frame.opcode, OpCode::Text | OpCode::Binary);
        if frame.opcode == OpCode::Close || is_data && web_socket.write_frame(frame).await.is_err() {
            return;
        }
    }
}
