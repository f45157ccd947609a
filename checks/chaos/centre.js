// An SMS centre by somebody else's SMPP (npm smpp): prints what it hears as JSON lines, obeys JSON lines of its input.
// mood: rate (messages a second, the rest throttled), cut (break the line after so many), receipt (state, "" for none).
const fs = require("node:fs");
const readline = require("node:readline");
const smpp = require("smpp");

const [port, certificate] = process.argv.slice(2);
let mood = {rate: 0, cut: 0, receipt: "DELIVRD"}, count = 0, second = 0, taken = 0;
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const tls = certificate ? {key: fs.readFileSync(certificate), cert: fs.readFileSync(certificate)} : {};

const server = smpp.createServer(tls, (session) => {
  session.on("error", () => {});
  session.on("bind_transceiver", (pdu) => {
    const wrong = pdu.password !== "secret";
    say({bound: pdu.system_id, version: pdu.interface_version, wrong});
    session.send(pdu.response({command_status: wrong ? smpp.ESME_RBINDFAIL : 0, system_id: "centre"}));
  });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => session.send(pdu.response()));
  session.on("submit_sm", (pdu) => {
    if (session.socket.destroyed) return;
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, taken] = [now, 0];
    if (mood.rate && ++taken > mood.rate) return session.send(pdu.response({command_status: smpp.ESME_RTHROTTLED}));
    const {message, udh} = pdu.short_message, id = (++count).toString(16);
    say({id, to: pdu.destination_addr, from: pdu.source_addr, text: message, part: udh ? [...udh[0] ?? udh] : [], coding: pdu.data_coding});
    session.send(pdu.response({message_id: id}));
    if (mood.receipt) session.deliver_sm({
      source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611282200 done date:2611282200 stat:${mood.receipt} err:000 text:`,
    }, (answer) => say({receipt: id, answered: answer.command_status}));
    if (mood.cut && --mood.cut === 0) session.socket.destroy();
  });
});
readline.createInterface({input: process.stdin}).on("line", (line) => say({mood: Object.assign(mood, JSON.parse(line))}))
  .on("close", () => process.exit());
server.listen(port, "127.0.0.1", () => say({listens: server.address().port}));
