// The worker of `@vitte/package/worker`. It has no scripts to load later, which some bundlers cannot give a worker.
import { answer } from "./answers.js";
import { files } from "./files.js";
import { setLoader } from "./package.js";

setLoader((name) => ({ url: files[name]() }));

self.addEventListener("message", ({ data }) => answer(data, (message) => self.postMessage(message)));
