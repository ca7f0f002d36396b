// Compares index.d.ts with what crosses between Rust and JavaScript, as its types are made into TypeScript (see
// scripts/js-tables.mjs). Only compiled: a member that one side lacks, or has in another form, is a type error here.
import type * as declared from "../index.d.ts";
import type { Code } from "../codes.d.ts";
import type * as made from "../../pkg/shapes.d.ts";

/** The members of an intersection as one object; of a union, of each part. */
type Flat<T> = T extends object ? { [Member in keyof T]: T[Member] } : T;
/** Whether two types are the same, optional members and literals included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Whether all of the members are the same; the name of each that is not shows in the error. */
type Different<A, B> = { [Member in keyof A | keyof B]: Member extends keyof A & keyof B ? Same<Pick<A, Member>, Pick<B, Member>> extends true ? never : Member : Member }[keyof A | keyof B];

declare function same<A, B>(...nothing: [Different<Flat<A>, Flat<B>>] extends [never] ? [] : [differs: Different<Flat<A>, Flat<B>>]): void;
declare function fits<Given, _Wanted extends Given>(): void;

// What core gives. A diagnostic's code is one of `Code`, which the schema says by a pattern.
same<declared.Step, made.Step>();
same<declared.Signer, made.Signer>();
same<Omit<declared.LogEntry, "releaseStatus">, Omit<made.LogEntry, "releaseStatus">>();
same<NonNullable<declared.LogEntry["releaseStatus"]>, made.ReleaseStatus>();
same<NonNullable<declared.Report["release"]>, made.Release>();
same<Omit<declared.FileEntry, never>, made.FileEntry>();
same<NonNullable<declared.Contents["release"]>, made.StatedRelease>();
same<NonNullable<declared.Contents["frames"]>[number], made.Frame>();
same<Omit<declared.Contents, "release" | "frames" | "files">, Omit<made.Contents, "release" | "frames" | "files">>();
same<declared.PublicKey, made.PublicKey>();
same<Omit<declared.Diagnostic, "code" | "place" | "notes">, Omit<made.Diagnostic, "code" | "place" | "notes">>();
same<NonNullable<declared.Diagnostic["notes"]>[number], made.Note>();
fits<string, declared.Diagnostic["code"]>();
fits<declared.Diagnostic["code"], Code>();
fits<declared.Place, made.Place>();
fits<made.Place, declared.Place>();
same<Omit<declared.ResolvedPackage, "artifacts" | "dependencies">, Omit<made.ResolvedPackage, "artifacts" | "dependencies">>();
same<declared.ResolvedPackage["artifacts"][number], made.Artifact>();
same<declared.ResolvedPackage["dependencies"][number], made.ResolvedDependency>();
same<declared.Lock["withheld"][number], made.Withheld>();
same<Pick<declared.Lock, "status" | "lock">, Pick<made.Lock, "status" | "lock">>();
same<Pick<declared.NoSolution, "status">, Pick<made.NoSolution, "status">>();

// The entry of a proof is handed over beside the rest.
same<Omit<Extract<declared.ProofReport, { status: "proved" }>, "entry">, Extract<made.ProofReport, { status: "proved" }>>();
fits<keyof Extract<declared.ProofReport, { status: "refused" }>, keyof Extract<made.ProofReport, { status: "refused" }>>();

// A report is the archive's, with the log entry of the registry's verdict.
type MadeReport = made.Report & Pick<made.Judgement, "log">;
fits<declared.Report["status"], made.Report["status"]>();
fits<made.Report["status"], declared.Report["status"]>();
fits<keyof declared.Report, keyof MadeReport>();
fits<keyof MadeReport, keyof declared.Report>();

/** The same, read only all the way down: what is taken is never changed. */
type Frozen<T> = T extends (infer Item)[] ? readonly Frozen<Item>[] : T extends object ? { readonly [Member in keyof T]: Frozen<T[Member]> } : T;

// What core takes. A policy's other members are for the facade, and core's other two are what the facade adds.
type FacadeOnly = "registryAt" | "trustRoot" | "memory";
fits<keyof made.Policy, Exclude<keyof declared.Policy, FacadeOnly>>();
fits<Exclude<keyof declared.Policy, FacadeOnly>, Exclude<keyof made.Policy, "head" | "unproven">>();
fits<Frozen<made.Policy>, Omit<declared.ByKeys, FacadeOnly>>();
fits<keyof declared.Policy, keyof made.ReleasePolicy>();
type Rules = Omit<declared.ResolveOptions, keyof declared.CallOptions>;
fits<keyof Rules, Exclude<keyof made.ResolveOptions, "projects">>();
fits<Exclude<keyof made.ResolveOptions, "projects">, keyof Rules>();
fits<Frozen<Omit<made.ResolveOptions, "projects">>, Rules>();
same<declared.IndexLine, made.IndexLine>();
